import type { SessionEvent } from "@clawmatrix/protocol";
import { harmless, shorten } from "../format.ts";
import type { Output } from "../output.ts";
import {
  type ContentShape,
  listOf,
  objectOf,
  type PlanEntryShape,
  parseShape,
  type SessionUpdateShape,
  textOf,
} from "./acp-shapes.ts";
import { renderDiff } from "./diff.ts";

/** Lines of a tool's output that are shown. */
const SHOWN_OUTPUT_LINES = 12;
const LONGEST_TITLE = 200;

/**
 * Prints what happens in a session for people: the agent's words on standard output, everything around them (tool calls,
 * diffs, plans, who answered what) on standard error, so that the answer alone can be piped on.
 */
export class TurnPrinter {
  readonly #output: Output;
  readonly #titles = new Map<string, string>();
  #midLine = false;

  constructor(output: Output) {
    this.#output = output;
  }

  print({ body }: SessionEvent): void {
    switch (body.case) {
      case "updateJson":
        return this.#update(parseShape<SessionUpdateShape>(body.value));
      case "answered":
        return this.#note("dim", `  answered by ${whoAnswered(body.value)}`);
      case "turnFailed":
      case "turnEnded":
      case "ended":
        return this.finish();
      default:
        return;
    }
  }

  /** Ends a line that was begun, so that what comes next starts on one of its own. */
  finish(): void {
    if (this.#midLine) this.#output.line();
    this.#midLine = false;
  }

  #update(update: SessionUpdateShape): void {
    switch (update.sessionUpdate) {
      case "agent_message_chunk":
        return this.#words(wordsOf(update));
      case "agent_thought_chunk":
        return this.#note("dim", shorten(wordsOf(update), LONGEST_TITLE));
      case "tool_call":
        return this.#toolCall(update);
      case "tool_call_update":
        return this.#toolCallUpdate(update);
      case "plan":
        for (const { content, status } of listOf<PlanEntryShape>(update.entries)) {
          this.#note(
            "dim",
            `${status === "completed" ? "☑" : status === "in_progress" ? "▶" : "☐"} ${shorten(textOf(content) ?? "", LONGEST_TITLE)}`,
          );
        }
        return;
      default:
        return;
    }
  }

  #words(text: string): void {
    if (text === "") return;
    this.#output.text(this.#output.terminal ? harmless(text) : text);
    this.#midLine = !text.endsWith("\n");
  }

  #toolCall(call: SessionUpdateShape): void {
    const title = shorten(textOf(call.title) ?? "tool", LONGEST_TITLE);
    if (call.toolCallId !== undefined) this.#titles.set(call.toolCallId, title);
    this.#note("cyan", `● ${title}`);
    this.#toolCallUpdate(call);
  }

  #toolCallUpdate(call: SessionUpdateShape): void {
    for (const content of contentsOf(call)) {
      if (content.type === "diff") this.#lines(renderDiff(content, this.#output));
    }
    if (call.status !== "completed" && call.status !== "failed") return;
    const texts = contentsOf(call).flatMap(({ content }) => textOf(objectOf(content).text) ?? []);
    const lines = texts.join("\n").trimEnd().split("\n");
    if (texts.length > 0)
      this.#lines(lines.slice(0, SHOWN_OUTPUT_LINES).map((line) => `  │ ${harmless(line)}`));
    if (lines.length > SHOWN_OUTPUT_LINES)
      this.#note("dim", `  │ … ${lines.length - SHOWN_OUTPUT_LINES} lines more`);
    const title = this.#titles.get(call.toolCallId ?? "") ?? textOf(call.title) ?? "tool";
    if (call.status === "completed") this.#note("green", `✓ ${shorten(title, LONGEST_TITLE)}`);
    else this.#note("red", `✗ ${shorten(title, LONGEST_TITLE)}`);
    this.#titles.delete(call.toolCallId ?? "");
  }

  #note(style: "dim" | "cyan" | "green" | "red", text: string): void {
    this.finish();
    this.#output.note(this.#output.noteStyle(style, text));
  }

  #lines(lines: readonly string[]): void {
    this.finish();
    for (const line of lines) this.#output.note(line);
  }
}

function contentsOf(call: SessionUpdateShape): readonly ContentShape[] {
  return listOf<ContentShape>(call.content);
}

function wordsOf({ content }: SessionUpdateShape): string {
  return textOf(objectOf(content as ContentShape | undefined).text) ?? "";
}

/** A person or a rule has a name, a policy or a time-out none. */
function whoAnswered({ how, by }: { how: string; by?: { name: string } | undefined }): string {
  return harmless(by?.name || (how === "person" ? "somebody" : how));
}
