import type { Random } from "@clawmatrix/environment";
import { CloseCode } from "@clawmatrix/protocol";

/** The first attempt again comes within this time, in ms; each further one within twice as long, up to the longest. */
const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** Where trying again soon cannot help, in ms. A tenth more or less, so that nodes do not come all at once. */
const SLOW_MS = 5 * 60_000;
const SLOW_JITTER = 0.1;

/** Failed handshakes in a row that may still be damage on the wire; after that it is another mesh secret. */
const DAMAGED_HANDSHAKES = 2;

const SLOW_CODES: ReadonlySet<number> = new Set([CloseCode.VERSION, CloseCode.SELF, CloseCode.REVOKED]);

/**
 * How long to wait before an address is dialled again: exponential, with full jitter (anything between nothing and
 * the bound is equally likely), so that the nodes of a mesh do not all come back in the same moment.
 */
export class BackOff {
  readonly #random: Random;
  #failures = 0;
  #failedHandshakes = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The link has lived long enough: the next failure counts as the first. */
  reset(): void {
    this.#failures = 0;
  }

  /** Milliseconds to wait, now that a connection has ended with this code. */
  delayMs(code: number): number {
    const jitter = this.#random.fraction();
    this.#failedHandshakes = code === CloseCode.HANDSHAKE_FAILED ? this.#failedHandshakes + 1 : 0;
    if (SLOW_CODES.has(code) || this.#failedHandshakes > DAMAGED_HANDSHAKES)
      return SLOW_MS * (1 + SLOW_JITTER * (2 * jitter - 1));
    if (code === CloseCode.STOPPING) this.#failures = 0;
    const bound = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.#failures, 16));
    this.#failures++;
    return code === CloseCode.RENEW ? 0 : jitter * bound;
  }
}
