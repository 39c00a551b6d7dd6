import { requirePositive } from "./limits.ts";

/** Counters are numbers that JavaScript holds exactly. At a packet per microsecond they last for 285 years. */
export const HIGHEST_COUNTER = Number.MAX_SAFE_INTEGER - 1;

/** What a window knows of a counter: never seen; seen before; or so old that it cannot tell. */
export type Freshness = "new" | "seen" | "too-old";

/**
 * Recognises sealed packets that arrive again, though they may arrive in any order: a bit for each of the last
 * `width` counters, as in RFC 6479. What is older than that counts as a replay.
 *
 * Ask `look` before opening a packet, and `accept` only after its seal was found intact, so that forged
 * counters cannot push the window ahead.
 */
export class ReplayWindow {
  readonly width: number;
  readonly #words: Uint32Array;
  /** The highest counter accepted; -1 before the first. */
  #highest = -1;

  /** `width`: how far behind the highest a counter may come in, at least; rounded up to a multiple of 32. */
  constructor(width = 2048) {
    requirePositive("width", width);
    // One word more than the width, so that words ahead can be wiped while those behind are still whole.
    this.#words = new Uint32Array(Math.ceil(width / 32) + 1);
    this.width = (this.#words.length - 1) * 32;
  }

  /** The highest counter accepted; -1 before the first. */
  get highest(): number {
    return this.#highest;
  }

  /** Changes nothing. A number that is no counter (negative, fractional, above HIGHEST_COUNTER) is `too-old`. */
  look(counter: number): Freshness {
    if (!Number.isSafeInteger(counter) || counter < 0 || counter > HIGHEST_COUNTER) return "too-old";
    if (counter > this.#highest) return "new";
    if (counter <= this.#highest - this.width) return "too-old";
    const word = this.#words[this.#wordOf(counter)] as number;
    return (word & (1 << (counter % 32))) === 0 ? "new" : "seen";
  }

  /** Marks `counter` as seen. False: it was not new, nothing changed. */
  accept(counter: number): boolean {
    if (this.look(counter) !== "new") return false;
    if (counter > this.#highest) {
      const before = Math.floor(this.#highest / 32);
      const ahead = Math.floor(counter / 32) - before;
      const wiped = Math.min(ahead, this.#words.length);
      for (let i = 0; i < wiped; i++) this.#words[this.#wordOf(counter - 32 * i)] = 0;
      this.#highest = counter;
    }
    const place = this.#wordOf(counter);
    this.#words[place] = (this.#words[place] as number) | (1 << (counter % 32));
    return true;
  }

  #wordOf(counter: number): number {
    return Math.floor(counter / 32) % this.#words.length;
  }
}
