import type { ServerResponse } from "node:http";
import { setInterval } from "node:timers/promises";

/** Time between two pieces of a slow answer. */
const SLOW_PIECE_INTERVAL_MS = 50;
/** A slow answer ends by itself after this many pieces (one minute), so that a lost cancel cannot hang a run. */
const SLOW_PIECES = 1200;

/** A `text/event-stream` answer, as both APIs send it: named events with one JSON document each. */
export class EventStream {
  readonly #response: ServerResponse;
  /** Aborts when the agent hangs up. */
  readonly signal: AbortSignal;

  constructor(response: ServerResponse, signal: AbortSignal) {
    this.#response = response;
    this.signal = signal;
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  }

  /** Sends one event; its `type` is also its name. */
  send(event: { readonly type: string; readonly [field: string]: unknown }): void {
    this.#response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  }

  end(): void {
    this.#response.end();
  }
}

/** The pieces of a slow answer, one by one, until `signal` aborts. */
export async function* slowPieces(piece: string, signal: AbortSignal): AsyncGenerator<string> {
  let sent = 0;
  try {
    for await (const _ of setInterval(SLOW_PIECE_INTERVAL_MS, undefined, { signal })) {
      if (sent++ >= SLOW_PIECES) return;
      yield piece;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
