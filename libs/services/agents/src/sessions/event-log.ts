/** One event of a session, as it is kept. */
export interface LoggedEvent {
  /** ms since 1970. */
  readonly time: number;
  /** Which body the event has: "updateJson", "turnStarted", … */
  readonly kind: string;
  /** The encoded SessionEvent. */
  readonly payload: Uint8Array;
}

/** What is kept of a session's events. `last` is 0 if there never was one; `first` is `last + 1` if none is kept. */
export interface LoggedRange {
  readonly first: number;
  readonly last: number;
}

export interface EventPage {
  readonly events: readonly (LoggedEvent & { readonly seq: number })[];
  readonly range: LoggedRange;
}

/**
 * Where the events of sessions are kept, numbered from 1 without gaps and bounded by dropping the oldest. The store of
 * a node is one, so that sessions outlive a restart; `MemoryEventLog` is one for as long as the process lives.
 */
export interface EventLog {
  /** Keeps these behind the others, in one step; returns the number of the last. */
  append(sessionId: string, events: readonly LoggedEvent[]): number;
  /** Events from `fromSeq` on, or from the first that is kept, in order. */
  read(
    sessionId: string,
    fromSeq: number,
    options: { readonly limit: number; readonly maxBytes: number },
  ): EventPage;
  range(sessionId: string): LoggedRange;
}
