import { GenerationMap } from "@clawmatrix/bounded";
import type { Clock, Random } from "@clawmatrix/environment";
import type { CallOutcome } from "./call-outcome.ts";

export interface SeenCallsOptions {
  readonly clock: Clock;
  readonly random: Random;
}

/** A call that was begun here, and how it ended, once it has. */
export class SeenCall {
  #outcome: CallOutcome | undefined;
  /** None where nobody waits: there are thousands of these. */
  #waiting: ((outcome: CallOutcome) => void)[] | undefined;

  get outcome(): CallOutcome | undefined {
    return this.#outcome;
  }

  /** Calls back when it has ended. Returns how to take that back; undefined: too many wait for it already. */
  join(listener: (outcome: CallOutcome) => void): (() => void) | undefined {
    const waiting = this.#waiting ?? [];
    if (waiting.length >= MOST_JOINED) return undefined;
    this.#waiting = [...waiting, listener];
    return () => {
      this.#waiting = this.#waiting?.filter((other) => other !== listener);
    };
  }

  /** `keepsResponse`: a retry that comes later is answered with it; else it is told that it comes again. */
  end(outcome: CallOutcome, keepsResponse = true): void {
    if (this.#outcome !== undefined) return;
    const { response } = outcome;
    const keeps = response === undefined || (keepsResponse && response.length <= MOST_KEPT_BYTES);
    this.#outcome = keeps ? outcome : FORGOTTEN;
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const listener of waiting) listener(outcome);
  }
}

/** Requests of one source node are recognised for so many, or so long (twice that at most). */
const GENERATION = { entries: 10_000, milliseconds: 60_000 };
/** Nodes whose requests are remembered. At the bound the one that was new first is forgotten. */
const MOST_SOURCES = 2048;
/** A response larger than this is not kept for a retry. */
const MOST_KEPT_BYTES = 1024;
/** It has answered, and the answer was not kept. */
const FORGOTTEN: CallOutcome = { response: undefined, isPartial: true, error: undefined };
/** Retries that wait for one call to end. */
const MOST_JOINED = 8;

/** Recognises requests that come again, per source node (P5). */
export class SeenCalls {
  readonly #options: SeenCallsOptions;
  readonly #sources = new Map<string, GenerationMap<SeenCall>>();

  constructor(options: SeenCallsOptions) {
    this.#options = options;
  }

  /** Notes a call. Undefined: it is new. Else: it was begun before. */
  begin(source: string, callId: Uint8Array, call: SeenCall): SeenCall | undefined {
    let calls = this.#sources.get(source);
    if (calls === undefined) {
      if (this.#sources.size >= MOST_SOURCES) {
        const [oldest] = this.#sources.keys();
        if (oldest !== undefined) this.#sources.delete(oldest);
      }
      calls = new GenerationMap({ ...this.#options, ...GENERATION });
      this.#sources.set(source, calls);
    }
    const key = Buffer.from(callId.buffer, callId.byteOffset, callId.length).toString("latin1");
    return calls.add(key, call) ? undefined : calls.get(key);
  }
}
