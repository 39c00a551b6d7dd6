import type { EventLog, EventPage, LoggedEvent, LoggedRange } from "./event-log.ts";

export interface MemoryEventLogOptions {
  /** Events kept of one session. Default: 20,000. */
  readonly maxEvents?: number;
  /** Bytes kept of one session. Default: 16 MiB. */
  readonly maxBytes?: number;
  /** Sessions of which events are kept; the one that was written longest ago goes first. Default: 1,000. */
  readonly maxSessions?: number;
}

interface Transcript {
  events: LoggedEvent[];
  first: number;
  bytes: number;
}

/** Events are dropped in blocks, so that the cost of moving the rest is spread over many. */
const DROP_SHARE = 8;

/** Keeps events for as long as the process lives. */
export class MemoryEventLog implements EventLog {
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  readonly #maxSessions: number;
  readonly #transcripts = new Map<string, Transcript>();

  constructor(options: MemoryEventLogOptions = {}) {
    this.#maxEvents = options.maxEvents ?? 20_000;
    this.#maxBytes = options.maxBytes ?? 16 * 1024 * 1024;
    this.#maxSessions = options.maxSessions ?? 1_000;
  }

  append(sessionId: string, events: readonly LoggedEvent[]): number {
    const kept = this.#transcripts.get(sessionId) ?? { events: [], first: 1, bytes: 0 };
    this.#transcripts.delete(sessionId);
    this.#transcripts.set(sessionId, kept);
    for (const event of events) {
      kept.events.push(event);
      kept.bytes += event.payload.length;
    }
    this.#trim(kept);
    if (this.#transcripts.size > this.#maxSessions) {
      const [oldest = ""] = this.#transcripts.keys();
      this.#transcripts.delete(oldest);
    }
    return rangeOf(kept).last;
  }

  read(sessionId: string, fromSeq: number, options: { limit: number; maxBytes: number }): EventPage {
    const kept = this.#transcripts.get(sessionId);
    if (kept === undefined) return { events: [], range: { first: 1, last: 0 } };
    const start = Math.max(fromSeq, kept.first);
    const events: (LoggedEvent & { seq: number })[] = [];
    let bytes = 0;
    for (let seq = start; events.length < options.limit; seq++) {
      const event = kept.events[seq - kept.first];
      if (event === undefined) break;
      bytes += event.payload.length;
      if (bytes > options.maxBytes && events.length > 0) break;
      events.push({ ...event, seq });
    }
    return { events, range: rangeOf(kept) };
  }

  range(sessionId: string): LoggedRange {
    const kept = this.#transcripts.get(sessionId);
    return kept === undefined ? { first: 1, last: 0 } : rangeOf(kept);
  }

  #trim(kept: Transcript): void {
    if (kept.events.length <= this.#maxEvents && kept.bytes <= this.#maxBytes) return;
    const mostEvents = this.#maxEvents - Math.floor(this.#maxEvents / DROP_SHARE);
    const mostBytes = this.#maxBytes - Math.floor(this.#maxBytes / DROP_SHARE);
    let drop = 0;
    while (
      drop < kept.events.length - 1 &&
      (kept.events.length - drop > mostEvents || kept.bytes > mostBytes)
    ) {
      kept.bytes -= kept.events[drop]!.payload.length;
      drop++;
    }
    kept.events = kept.events.slice(drop);
    kept.first += drop;
  }
}

function rangeOf(kept: Transcript): LoggedRange {
  return { first: kept.first, last: kept.first + kept.events.length - 1 };
}
