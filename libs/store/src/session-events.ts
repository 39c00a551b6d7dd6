import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { checkBytes, checkInteger, checkText } from "./checked-values.ts";
import type { Database, Statement } from "./database.ts";

/** One event of a session. */
export interface SessionEvent {
  /** Rises by one from event to event, beginning at 1. */
  readonly seq: number;
  /** ms since 1970. */
  readonly time: number;
  /** What the payload is, for the reader; 1 to 64 characters. */
  readonly kind: string;
  /** At most 16 MiB. */
  readonly payload: Uint8Array;
}

export type NewSessionEvent = Omit<SessionEvent, "seq">;

/** What is kept of a session's events. `last` is 0 if there never was one; `first` is `last + 1` if none is kept. */
export interface SessionEventRange {
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly bytes: number;
}

export interface SessionEventPage {
  readonly events: SessionEvent[];
  /** First and last number kept when the page was read: events before `range.first` are gone. */
  readonly range: SessionEventRange;
}

export interface ReadSessionEventsOptions {
  /** At most this many events, 1 to 10,000. Default: 1,000. */
  readonly limit?: number;
  /** Ends the page before the payloads exceed this, but never before the first event. Default: 4 MiB. */
  readonly maxBytes?: number;
}

export interface SessionEventBounds {
  /** Payload bytes kept for the session; the oldest events go first, the newest always stays. */
  readonly maxBytes: number;
  /** Events kept for the session. */
  readonly maxEvents: number;
  /** Events before this time (ms since 1970) go. */
  readonly keepSince: number;
}

/** The numbered events of every session, bounded by trimming from the front. Numbers are never used again. */
export interface SessionEvents {
  /**
   * Appends in one transaction and holds the session to `bounds` (default: 64 MiB and 1,000,000 events) in the same;
   * returns the number of the last event.
   * @throws StatusError `not-found` if there is no such session; so do the other methods.
   */
  append(sessionId: string, events: readonly NewSessionEvent[], bounds?: SessionEventBounds): number;
  /** Events from `fromSeq` on, in order. */
  read(sessionId: string, fromSeq: number, options?: ReadSessionEventsOptions): SessionEventPage;
  range(sessionId: string): SessionEventRange;
  /** Holds one session to its bounds, by age too; returns how many events went. */
  trim(sessionId: string, bounds: SessionEventBounds): number;
}

const MAX_KIND_CHARACTERS = 64;
/** The size of the largest frame of a call, so that whatever an agent could send can be kept. */
const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;
const DEFAULT_PAGE = 1_000;
const MAX_PAGE = 10_000;
const DEFAULT_PAGE_BYTES = 4 * 1024 * 1024;
/** What holds when the caller of `append` gives no bounds of its own. */
const DEFAULT_BOUNDS: SessionEventBounds = { maxBytes: 64 * 1024 * 1024, maxEvents: 1_000_000, keepSince: 0 };

interface SessionRow {
  key: number;
  first_event: number;
  last_event: number;
  event_bytes: number;
}

/** The events in the store's file. A loss of power may cost the latest ones. */
export class SqliteSessionEvents implements SessionEvents {
  readonly #database: Database;
  readonly #session: Statement<SessionRow>;
  readonly #note: Statement<never>;
  readonly #insert: Statement<never>;
  readonly #read: Statement<SessionEvent>;
  readonly #sizes: Statement<{ seq: number; time: number; size: number }>;
  readonly #deleteBefore: Statement<never>;

  constructor(database: Database) {
    this.#database = database;
    this.#session = database.prepare(
      "SELECT key, first_event, last_event, event_bytes FROM sessions WHERE id = ?",
    );
    this.#note = database.prepare(
      "UPDATE sessions SET first_event = ?, last_event = ?, event_bytes = ? WHERE key = ?",
    );
    this.#insert = database.prepare(
      "INSERT INTO session_events (session_key, seq, time, kind, payload) VALUES (?, ?, ?, ?, ?)",
    );
    this.#read = database.prepare(
      `SELECT seq, time, kind, payload FROM session_events
       WHERE session_key = ? AND seq >= ? ORDER BY seq LIMIT ?`,
    );
    this.#sizes = database.prepare(
      "SELECT seq, time, length(payload) AS size FROM session_events WHERE session_key = ? ORDER BY seq",
    );
    this.#deleteBefore = database.prepare("DELETE FROM session_events WHERE session_key = ? AND seq < ?");
  }

  append(sessionId: string, events: readonly NewSessionEvent[], bounds = DEFAULT_BOUNDS): number {
    for (const event of events) {
      checkInteger("the time of an event", event.time);
      checkText("the kind of an event", event.kind, MAX_KIND_CHARACTERS, 1);
      checkBytes("the payload of an event", event.payload, MAX_PAYLOAD_BYTES);
    }
    return this.#database.transaction("written", () => {
      const session = this.#find(sessionId);
      let { last_event: last, event_bytes: bytes } = session;
      for (const event of events) {
        this.#insert.run(session.key, ++last, event.time, event.kind, event.payload);
        bytes += event.payload.length;
      }
      const grown = { ...session, last_event: last, event_bytes: bytes };
      this.#note.run(grown.first_event, last, bytes, session.key);
      const count = last - grown.first_event + 1;
      if (bytes > bounds.maxBytes || count > bounds.maxEvents) this.#trimRow(grown, bounds);
      return last;
    });
  }

  read(sessionId: string, fromSeq: number, options: ReadSessionEventsOptions = {}): SessionEventPage {
    checkInteger("the number to read from", fromSeq);
    const limit = checkInteger("the limit of a page", options.limit ?? DEFAULT_PAGE, 1, MAX_PAGE);
    const maxBytes = checkInteger("the size of a page", options.maxBytes ?? DEFAULT_PAGE_BYTES, 1);
    const session = this.#find(sessionId);
    const events: SessionEvent[] = [];
    let bytes = 0;
    for (const row of this.#read.iterate(session.key, fromSeq, limit)) {
      bytes += row.payload.length;
      if (bytes > maxBytes && events.length > 0) break;
      events.push({ ...row });
    }
    return { events, range: rangeOf(session) };
  }

  range(sessionId: string): SessionEventRange {
    return rangeOf(this.#find(sessionId));
  }

  trim(sessionId: string, bounds: SessionEventBounds): number {
    return this.#database.transaction("written", () => this.#trimRow(this.#find(sessionId), bounds));
  }

  #trimRow(session: SessionRow, bounds: SessionEventBounds): number {
    let { first_event: first, event_bytes: bytes } = session;
    for (const event of this.#sizes.iterate(session.key)) {
      const count = session.last_event - event.seq + 1;
      const fits = bytes <= bounds.maxBytes && count <= bounds.maxEvents && event.time >= bounds.keepSince;
      if (fits || event.seq === session.last_event) break;
      bytes -= event.size;
      first = event.seq + 1;
    }
    if (first === session.first_event) return 0;
    this.#note.run(first, session.last_event, bytes, session.key);
    return this.#deleteBefore.run(session.key, first);
  }

  #find(sessionId: string): SessionRow {
    const session = this.#session.get(sessionId);
    if (session === undefined)
      throw new StatusError(StatusCode.NOT_FOUND, `there is no session ${sessionId} in the store`);
    return session;
  }
}

function rangeOf(session: SessionRow): SessionEventRange {
  const { first_event: first, last_event: last, event_bytes: bytes } = session;
  return { first, last, count: last - first + 1, bytes };
}
