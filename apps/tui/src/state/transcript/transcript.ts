import type { SessionEvent, SessionInfo } from "@clawmatrix/protocol";
import { oneLine, plainText } from "../../text/plain-text.ts";
import { asObject, asObjects, asString, type JsonObject, readJson } from "./acp-json.ts";
import { splitAnswer } from "./answer-pieces.ts";
import { type Ask, describeOutcome, readPermission, readQuestion } from "./ask.ts";
import { contentText, promptText } from "./content.ts";
import { isFoldable, type PlanStatus, type TranscriptItem } from "./items.ts";
import { NO_FACTS, type SessionFacts, withFactUpdate, withInfo, withTurnUsage } from "./session-facts.ts";
import { type ToolCall, withToolUpdate } from "./tool-call.ts";

/** Items that are kept; the oldest tenth leaves when there are more. The session's node has all of them. */
export const MAX_ITEMS = 200_000;
/** A thought or repeated prompt longer than this goes on in a new item. */
const MAX_GROWING_CHARACTERS = 32_768;
/** Asks that may wait at once; further ones replace the oldest. */
const MAX_WAITING = 100;

/**
 * A session's transcript, built from its events. It grows at constant cost per event; `revision` rises with every change.
 * Items are numbered from 0 over the whole life of the transcript, also after old ones have left.
 */
export class Transcript {
  #items: TranscriptItem[] = [];
  #dropped = 0;
  #revision = 0;
  #lastSeq = 0;
  readonly #tools = new Map<string, number>();
  readonly #waiting = new Map<string, { readonly ask: Ask; readonly item: number }>();
  #planItem: number | undefined;
  #turn: { readonly id: string; readonly sinceMs: number } | undefined;
  #facts: SessionFacts = NO_FACTS;
  #ended = false;

  /** Rises whenever something changes. */
  get revision(): number {
    return this.#revision;
  }
  /** Number of the newest event. */
  get lastSeq(): number {
    return this.#lastSeq;
  }
  /** The number of the first item that is kept. */
  get first(): number {
    return this.#dropped;
  }
  /** The number after the last item's. */
  get end(): number {
    return this.#dropped + this.#items.length;
  }
  /** The running turn and since when it runs; undefined: none. */
  get turn(): { readonly id: string; readonly sinceMs: number } | undefined {
    return this.#turn;
  }
  /** What is known beside the transcript: usage, mode, watchers. */
  get facts(): SessionFacts {
    return this.#facts;
  }
  /** The session was closed or its agent is gone. */
  get ended(): boolean {
    return this.#ended;
  }
  /** What waits for a person, oldest first. */
  get waiting(): Ask[] {
    return Array.from(this.#waiting.values(), ({ ask }) => ask);
  }

  /** The item of that number, if it is kept. */
  item(number: number): TranscriptItem | undefined {
    return this.#items[number - this.#dropped];
  }

  /** The newest item before `number` that can be opened; undefined: none. */
  foldableBefore(number: number): number | undefined {
    for (let at = Math.min(number, this.end) - 1; at >= this.first; at--) {
      const item = this.item(at);
      if (item !== undefined && isFoldable(item)) return at;
    }
    return undefined;
  }

  /** The next item after `number` that can be opened; undefined: none. */
  foldableAfter(number: number): number | undefined {
    for (let at = Math.max(number + 1, this.first); at < this.end; at++) {
      const item = this.item(at);
      if (item !== undefined && isFoldable(item)) return at;
    }
    return undefined;
  }

  /** Takes in what the session's own description says. */
  adopt(info: SessionInfo): void {
    this.#facts = withInfo(this.#facts, info);
    this.#revision++;
  }

  /** The events before `seq` are gone. */
  beginsAt(seq: number): void {
    if (seq <= this.#lastSeq + 1) return;
    this.#lastSeq = seq - 1;
    this.#push({ kind: "note", text: `the ${seq - 1} events before this are no longer kept` });
  }

  /** Takes one event in. One that was had already is ignored. */
  apply(event: SessionEvent): void {
    if (event.seq <= this.#lastSeq) return;
    this.#lastSeq = event.seq;
    this.#revision++;
    const atMs = Number(event.atUnixMs);
    const { body } = event;
    switch (body.case) {
      case "updateJson":
        return this.#update(asObject(readJson(body.value)), atMs);
      case "turnStarted":
        this.#turn = { id: body.value.turnId, sinceMs: atMs };
        this.#planItem = undefined;
        return this.#push({
          kind: "prompt",
          text: promptText(readJson(body.value.promptJson)),
          by: oneLine(body.value.by?.name ?? ""),
        });
      case "turnEnded":
        return this.#turnEnded(body.value.stopReason, asObject(readJson(body.value.responseJson)));
      case "turnFailed":
        this.#endTurn();
        return this.#push({
          kind: "failure",
          text: `The turn failed: ${oneLine(body.value.message) || oneLine(body.value.reason)}`,
          detail: plainText(body.value.stderrTail).trimEnd(),
        });
      case "permissionAsked":
        return this.#asked(readPermission(body.value.id, body.value.requestJson), atMs);
      case "questionAsked":
        return this.#asked(readQuestion(body.value.id, body.value.requestJson), atMs);
      case "answered":
        return this.#answered(
          body.value.id,
          body.value.outcomeJson,
          body.value.how,
          body.value.by?.name ?? "",
        );
      case "ended":
        return this.#sessionEnded(
          oneLine(body.value.message) || oneLine(body.value.reason),
          plainText(body.value.stderrTail).trimEnd(),
        );
      case "watchers":
        this.#facts = { ...this.#facts, watchers: body.value.watchers };
        return;
      case "reopened":
        this.#ended = false;
        return this.#push({ kind: "note", text: "continued by a new process of the agent" });
      default:
        return;
    }
  }

  #update(update: JsonObject, atMs: number): void {
    switch (update.sessionUpdate) {
      case "user_message_chunk":
        // In a turn the prompt is shown already, whether or not the agent repeats it.
        if (this.#turn === undefined) this.#grow("prompt", contentText(asObject(update.content)));
        return;
      case "agent_message_chunk":
        return this.#grow("answer", contentText(asObject(update.content)));
      case "agent_thought_chunk":
        return this.#grow("thought", contentText(asObject(update.content)));
      case "tool_call":
      case "tool_call_update":
        return this.#tool(update, atMs);
      case "plan":
        return this.#plan(update);
      default:
        this.#facts = withFactUpdate(this.#facts, update);
    }
  }

  /** Adds to the last item if it is of that kind, else begins one. Of an answer, what is finished becomes its own item. */
  #grow(kind: "prompt" | "answer" | "thought", text: string): void {
    const last = this.#items.at(-1);
    if (
      last === undefined ||
      last.kind !== kind ||
      (kind !== "answer" && last.text.length > MAX_GROWING_CHARACTERS)
    ) {
      if (text.trim() === "") return;
      return this.#push(this.#piece(kind, text, true));
    }
    const begins = last.kind === "answer" && last.begins;
    const whole = last.text + text;
    const split = kind === "answer" ? splitAnswer(whole) : undefined;
    this.#items[this.#items.length - 1] = this.#piece(kind, split?.finished ?? whole, begins);
    if (split !== undefined) this.#push(this.#piece(kind, split.rest, false));
  }

  #piece(kind: "prompt" | "answer" | "thought", text: string, begins: boolean): TranscriptItem {
    if (kind === "prompt") return { kind, text, by: "" };
    return kind === "answer" ? { kind, text, begins } : { kind, text };
  }

  #tool(update: JsonObject, atMs: number): void {
    const id = asString(update.toolCallId);
    const number = this.#tools.get(id);
    const item = number === undefined ? undefined : this.item(number);
    const before: ToolCall | undefined = item?.kind === "tool" ? item.call : undefined;
    const call = withToolUpdate(before, update, atMs);
    if (number !== undefined && before !== undefined) {
      this.#items[number - this.#dropped] = { kind: "tool", call };
      return;
    }
    this.#push({ kind: "tool", call });
    this.#tools.set(id, this.end - 1);
  }

  #plan(update: JsonObject): void {
    const steps = asObjects(update.entries).map((entry) => ({
      text: oneLine(asString(entry.content)),
      status: (["in_progress", "completed"].includes(asString(entry.status))
        ? entry.status
        : "pending") as PlanStatus,
    }));
    const item: TranscriptItem = { kind: "plan", steps };
    if (this.#planItem !== undefined && this.item(this.#planItem)?.kind === "plan") {
      this.#items[this.#planItem - this.#dropped] = item;
      return;
    }
    this.#push(item);
    this.#planItem = this.end - 1;
  }

  #asked(ask: Ask, atMs: number): void {
    // Some agents tell of a tool call only by asking for it.
    if (ask.kind === "permission" && ask.toolCallId !== "" && !this.#tools.has(ask.toolCallId)) {
      this.#tool(ask.toolCall, atMs);
    }
    this.#push({ kind: "asked", ask, answer: undefined });
    const oldest = this.#waiting.size >= MAX_WAITING ? this.#waiting.keys().next().value : undefined;
    if (oldest !== undefined) this.#waiting.delete(oldest);
    this.#waiting.set(ask.id, { ask, item: this.end - 1 });
  }

  #answered(id: string, outcomeJson: Uint8Array, how: string, by: string): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    const who =
      by === "" ? (how === "" || how === "person" ? "" : ` (${oneLine(how)})`) : ` (${oneLine(by)})`;
    this.#settleAsk(
      waiting.ask,
      waiting.item,
      `${describeOutcome(waiting.ask, outcomeJson, oneLine(how))}${who}`,
    );
  }

  #settleAsk(ask: Ask, item: number, answer: string): void {
    if (this.item(item) === undefined) return;
    this.#items[item - this.#dropped] = { kind: "asked", ask, answer };
  }

  #turnEnded(stopReason: string, response: JsonObject): void {
    this.#endTurn();
    this.#facts = withTurnUsage(this.#facts, response);
    if (stopReason === "end_turn" || stopReason === "") return;
    this.#push({
      kind: "note",
      text: stopReason === "cancelled" ? "stopped" : `ended: ${oneLine(stopReason)}`,
    });
  }

  /** Why is said once: the turn that it ended may have said it. */
  #sessionEnded(why: string, detail: string): void {
    this.#endTurn();
    this.#ended = true;
    const last = this.#items.at(-1);
    const said = last?.kind === "failure" && last.text.endsWith(why) && last.detail === detail;
    this.#push(
      said
        ? { kind: "note", text: "the session ended with it; your next prompt takes it up again" }
        : { kind: "failure", text: `The session ended: ${why}`, detail },
    );
  }

  #endTurn(): void {
    this.#turn = undefined;
    for (const { ask, item } of this.#waiting.values()) this.#settleAsk(ask, item, "not answered");
    this.#waiting.clear();
  }

  #push(item: TranscriptItem): void {
    this.#revision++;
    this.#items.push(item);
    if (this.#items.length > MAX_ITEMS) {
      const leaving = Math.ceil(MAX_ITEMS / 10);
      this.#items = this.#items.slice(leaving);
      this.#dropped += leaving;
      for (const [id, number] of this.#tools) if (number < this.#dropped) this.#tools.delete(id);
    }
  }
}
