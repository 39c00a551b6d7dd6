/** Milliseconds before the first try after a loss, and at most: a local node that restarts is back within a second. */
const FIRST_MS = 250;
const LONGEST_MS = 5_000;

/** How long to wait before the next try: twice as long each time. */
export class BackOff {
  #nextMs = FIRST_MS;

  next(): number {
    const ms = this.#nextMs;
    this.#nextMs = Math.min(LONGEST_MS, ms * 2);
    return ms;
  }

  /** It worked. */
  reset(): void {
    this.#nextMs = FIRST_MS;
  }
}
