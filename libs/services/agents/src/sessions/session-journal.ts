import type { JsonBytes } from "@clawmatrix/acp-wire";
import type { Clock, Logger, Timer } from "@clawmatrix/environment";
import { SessionEvent, type SessionEventInit } from "@clawmatrix/protocol";
import type { EventLog, LoggedEvent } from "./event-log.ts";

/** What an event says, without its number and time. */
export type EventBody = Exclude<SessionEventInit["body"], undefined | { readonly case?: undefined }>;

/** An event with its number. */
export type NumberedEvent = SessionEventInit & { readonly seq: number };

export interface JournalPage {
  readonly events: readonly NumberedEvent[];
  /** Events before this number are gone. */
  readonly firstKept: number;
}

const NOTHING: JsonBytes = new Uint8Array();
/** Events written to the log together: what comes within this time, unless somebody reads it or it fills a batch before. */
const WRITE_DELAY_MS = 20;
const MAX_UNWRITTEN_EVENTS = 1_024;
const MAX_UNWRITTEN_BYTES = 256 * 1024;
/** Kept for another attempt while the log cannot be written. */
const MAX_RETRIED_BYTES = 8 * 1024 * 1024;
/** The latest events are kept as they are, for those who follow live; who is slower reads the log. */
const MAX_RECENT_EVENTS = 1_024;
const MAX_RECENT_BYTES = 1024 * 1024;
/** One reading of the log. */
const PAGE_EVENTS = 256;
const PAGE_BYTES = 1024 * 1024;

/** What the agent says, rather than what people wait for. */
export function comesInFloods(body: EventBody): boolean {
  return body.case === "updateJson" || body.case === "notification";
}

/** The numbered events of one session: written to the log in batches, read live without reading it. */
export class SessionJournal {
  readonly #sessionId: string;
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #recent: { readonly event: NumberedEvent; readonly bytes: number }[] = [];
  #recentBytes = 0;
  #unwritten: LoggedEvent[] = [];
  #unwrittenBytes = 0;
  #timer: Timer | undefined;
  /** The log could not be written the last time. */
  #isFailing = false;
  #lastSeq: number;

  constructor(sessionId: string, log: EventLog, { clock, logger }: { clock: Clock; logger: Logger }) {
    this.#sessionId = sessionId;
    this.#log = log;
    this.#clock = clock;
    this.#logger = logger;
    this.#lastSeq = log.range(sessionId).last;
  }

  /** 0 before the first event. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** `extraJson`: what ACP's notification has beside its update, an object; empty: nothing. */
  append(body: EventBody, extraJson: JsonBytes = NOTHING): void {
    const time = this.#clock.now();
    const event = { seq: ++this.#lastSeq, atUnixMs: BigInt(Math.trunc(time)), body, extraJson };
    const payload = SessionEvent.encode(event);
    this.#keepRecent(event, payload.length);
    this.#unwritten.push({ time, kind: body.case, payload });
    this.#unwrittenBytes += payload.length;
    // What the agent says comes in floods and can wait a moment; what people wait for is written at once.
    const full =
      this.#unwritten.length >= MAX_UNWRITTEN_EVENTS || this.#unwrittenBytes >= MAX_UNWRITTEN_BYTES;
    if (full || !comesInFloods(body)) this.flush();
    else this.#timer ??= this.#clock.schedule(WRITE_DELAY_MS, () => this.flush());
  }

  /** Writes what is not in the log yet. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#unwritten.length === 0) return;
    const events = this.#unwritten;
    this.#unwritten = [];
    this.#unwrittenBytes = 0;
    try {
      this.#log.append(this.#sessionId, events);
      this.#isFailing = false;
    } catch (error) {
      this.#isFailing = true;
      this.#logger.error("events of a session could not be written", {
        session: this.#sessionId,
        error: String(error),
      });
      this.#keepForLater(events);
    }
  }

  /** The log numbers by counting, so an event that could not be written must not be left out: its contents may be. */
  #keepForLater(events: LoggedEvent[]): void {
    const bytes = events.reduce((sum, event) => sum + event.payload.length, 0);
    const keeps = bytes <= MAX_RETRIED_BYTES;
    this.#unwritten = keeps ? events : events.map((event) => ({ ...event, payload: new Uint8Array() }));
    this.#unwrittenBytes = keeps ? bytes : 0;
  }

  /** The next events from `fromSeq` on; none if it is past the last. */
  read(fromSeq: number): JournalPage {
    const from = Math.max(1, fromSeq);
    // What is shown is kept first: after a kill no event gets a number that somebody has seen on another. Where the log
    // cannot be written that has to wait, and the screens do not.
    if (!this.#isFailing) this.flush();
    const firstRecent = this.#recent[0]?.event.seq ?? this.#lastSeq + 1;
    if (from >= firstRecent) {
      const start = from - firstRecent;
      return {
        events: this.#recent.slice(start, start + PAGE_EVENTS).map((kept) => kept.event),
        firstKept: from,
      };
    }
    this.flush();
    const page = this.#log.read(this.#sessionId, from, { limit: PAGE_EVENTS, maxBytes: PAGE_BYTES });
    return {
      events: page.events.map(({ seq, payload }) => ({ ...SessionEvent.decode(payload), seq })),
      firstKept: Math.max(from, page.range.first),
    };
  }

  #keepRecent(event: NumberedEvent, bytes: number): void {
    this.#recent.push({ event, bytes });
    this.#recentBytes += bytes;
    if (this.#recent.length <= MAX_RECENT_EVENTS && this.#recentBytes <= MAX_RECENT_BYTES) return;
    // Half goes at once, so that the cost of moving the rest is spread over many events.
    let drop = 0;
    while (
      drop < this.#recent.length &&
      (this.#recent.length - drop > MAX_RECENT_EVENTS / 2 || this.#recentBytes > MAX_RECENT_BYTES / 2)
    ) {
      this.#recentBytes -= this.#recent[drop]!.bytes;
      drop++;
    }
    this.#recent = this.#recent.slice(drop);
  }
}
