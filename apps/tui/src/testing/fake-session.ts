import {
  SessionEvent,
  type SessionEventInit,
  type SessionInfo,
  SessionSource,
  SessionState,
  StatusCode,
  StatusError,
  type WatchResponse,
} from "@clawmatrix/protocol";
import { writeJson } from "../state/transcript/acp-json.ts";
import { Feed } from "./feed.ts";

type Message = WatchResponse["message"];

/** A session of a fake mesh: its events are what the test says. */
export class FakeSession {
  info: SessionInfo;
  lastSeq = 0;
  /** After which event each watch so far began. */
  readonly watchedSince: number[] = [];
  #messages = new Feed<Message>();
  #links = new AbortController();

  constructor(info: SessionInfo) {
    this.info = info;
  }

  /** Title, state and so on change. */
  change(info: Partial<SessionInfo>): void {
    this.info = { ...this.info, ...info };
    this.#messages.push({ case: "session", value: this.info });
  }

  emit(body: NonNullable<SessionEventInit["body"]>): void {
    this.lastSeq++;
    const event = { seq: this.lastSeq, atUnixMs: BigInt(Date.now()), body };
    this.#messages.push({ case: "event", value: SessionEvent.decode(SessionEvent.encode(event)) });
  }

  /** An ACP session update. */
  update(update: object): void {
    this.emit({ case: "updateJson", value: writeJson(update) });
  }

  say(text: string): void {
    this.update({ sessionUpdate: "agent_message_chunk", content: { type: "text", text } });
  }

  startTurn(text: string): void {
    this.emit({
      case: "turnStarted",
      value: { turnId: "t", promptJson: writeJson([{ type: "text", text }]), by: { name: "laptop" } },
    });
  }

  endTurn(stopReason = "end_turn", response: object = {}): void {
    this.emit({ case: "turnEnded", value: { turnId: "t", stopReason, responseJson: writeJson(response) } });
  }

  ask(id: string, request: object): void {
    this.emit({ case: "permissionAsked", value: { id, requestJson: writeJson(request) } });
  }

  question(id: string, request: object): void {
    this.emit({ case: "questionAsked", value: { id, requestJson: writeJson(request) } });
  }

  answered(id: string, outcome: object): void {
    this.emit({ case: "answered", value: { id, how: "person", outcomeJson: writeJson({ outcome }) } });
  }

  /** Its agent has taken it up, and will tell anew what was said in it. */
  takenUp(): void {
    this.info = { ...this.info, source: SessionSource.LIVE, state: SessionState.IDLE };
    this.#messages = new Feed<Message>();
    this.lastSeq = 0;
  }

  breakWatches(): void {
    this.#links.abort();
    this.#links = new AbortController();
  }

  async *watch(since: number, signal: AbortSignal | undefined): AsyncGenerator<WatchResponse> {
    const $typeName = "clawmatrix.v1.WatchResponse";
    const link = this.#links.signal;
    this.watchedSince.push(since);
    yield { $typeName, message: { case: "session", value: this.info } };
    const ended = signal === undefined ? link : AbortSignal.any([signal, link]);
    const kept = this.#messages.length;
    if (kept === 0) yield { $typeName, message: { case: "caughtUp", value: true } };
    let at = 0;
    for await (const message of this.#messages.from(0, ended, (each) => each)) {
      if (message.case !== "event" || message.value.seq > since) yield { $typeName, message };
      if (++at === kept) yield { $typeName, message: { case: "caughtUp", value: true } };
    }
    if (link.aborted) throw new StatusError(StatusCode.UNAVAILABLE, "the connection broke");
  }

  async *events(since: number, signal: AbortSignal | undefined): AsyncGenerator<SessionEvent> {
    for await (const message of this.#messages.from(0, signal, (each) => each)) {
      if (message.case === "event" && message.value.seq > since) yield message.value;
    }
  }
}
