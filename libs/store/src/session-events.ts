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
  /** Appends in one transaction; returns the number of the last. Throws `not-found` if there is no such session. */
  append(sessionId: string, events: readonly NewSessionEvent[]): number;
  /** Events from `fromSeq` on, in order. */
  read(sessionId: string, fromSeq: number, options?: ReadSessionEventsOptions): SessionEventPage;
  range(sessionId: string): SessionEventRange;
  /** Holds one session to its bounds; returns how many events went. */
  trim(sessionId: string, bounds: SessionEventBounds): number;
}
