/** Assumed until something was measured: that of a link around the world, and some. */
const FIRST_ROUND_TRIP_MS = 300;
/** How long the receiver may wait before it acknowledges; part of every time-out. */
export const LONGEST_ACK_DELAY_MS = 25;
/** Timers are not finer than this. */
const GRANULARITY_MS = 5;
/** The longest wait between two tries, also after many that were lost. */
const LONGEST_TIMEOUT_MS = 5_000;

/** The smoothed round-trip time, and the time-out that follows from it (RFC 6298, with the additions of RFC 9002). */
export class RoundTrip {
  #smoothed: number | undefined;
  #variation = 0;
  #least = Number.POSITIVE_INFINITY;

  /** Milliseconds; undefined before the first measurement. */
  get smoothedMs(): number | undefined {
    return this.#smoothed;
  }

  /** The shortest that was measured, in milliseconds; infinite before the first. */
  get leastMs(): number {
    return this.#least;
  }

  /** Takes in a measurement; `delayMs` of it the receiver waited by itself. */
  measured(elapsedMs: number, delayMs: number): void {
    this.#least = Math.min(this.#least, elapsedMs);
    const sample = elapsedMs - delayMs >= this.#least ? elapsedMs - delayMs : elapsedMs;
    if (this.#smoothed === undefined) {
      this.#smoothed = sample;
      this.#variation = sample / 2;
      return;
    }
    this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - sample);
    this.#smoothed = 0.875 * this.#smoothed + 0.125 * sample;
  }

  /** Forgets what was measured: another route has another time. */
  reset(): void {
    this.#smoothed = undefined;
    this.#variation = 0;
    this.#least = Number.POSITIVE_INFINITY;
  }

  /** Milliseconds to wait for an acknowledgement, after `tries` that were in vain. */
  timeoutMs(tries: number): number {
    const smoothed = this.#smoothed ?? FIRST_ROUND_TRIP_MS;
    const variation = this.#smoothed === undefined ? FIRST_ROUND_TRIP_MS / 2 : this.#variation;
    const once = smoothed + Math.max(4 * variation, GRANULARITY_MS) + LONGEST_ACK_DELAY_MS;
    return Math.min(once * 2 ** Math.min(tries, 10), LONGEST_TIMEOUT_MS);
  }

  /** Milliseconds after which a segment counts as lost once a later one has arrived. */
  get reorderingMs(): number {
    return Math.max((this.#smoothed ?? FIRST_ROUND_TRIP_MS) * 1.25, GRANULARITY_MS);
  }
}
