/** The share of a new measurement in the smoothed figures, once there are as many as make it up. */
const NEW_SHARE = 1 / 8;
/** What any link costs, in µs, on top of its round-trip time: a relay's work, so that on a fast network fewer hops win. */
const BASE_COST_US = 1_000;
/** How far the cost must move from the one reported before it is reported anew: in µs, … */
const REPORTED_US = 3_000;
/** … as a share of that, … */
const REPORTED_SHARE = 0.3;
/** … and in steps that measurements make from one to the next. The smoothed time errs by a quarter of one. */
const REPORTED_STEPS = 1.5;
/** Measurements between two reports: a change that goes on is reported when it has got somewhere. */
const HELD_MEASUREMENTS = 4;
/** A record's cost has 32 bits. */
const HIGHEST_COST_US = 0xffff_ffff;

/**
 * The round-trip time of a link, smoothed, and the cost that is made of it. The cost stays at what was reported
 * until it has really changed. All nodes route by reported costs, so jitter moves no route anywhere, and nodes that
 * know the same never disagree about the way, which would be a loop.
 */
export class RoundTrip {
  #measurements = 0;
  #heldUntil = 0;
  #latestMs = 0;
  #smoothedMs: number | undefined;
  /** From each measurement to the next one, smoothed: a lasting change counts once in it, jitter always. */
  #stepMs = 0;
  #reportedUs = BASE_COST_US;

  /** Smoothed, in milliseconds; undefined before the first measurement. */
  get ms(): number | undefined {
    return this.#smoothedMs;
  }

  /** What the node's record says of the link. */
  get costUs(): number {
    return this.#reportedUs;
  }

  /** Takes a measurement. True: the cost to be reported has changed. */
  measured(ms: number): boolean {
    const isFirst = this.#smoothedMs === undefined;
    const smoothedMs = this.#smooth(ms);
    const costUs = Math.min(HIGHEST_COST_US, BASE_COST_US + Math.round(smoothedMs * 1000));
    if (!isFirst && !this.#hasMoved(costUs)) return false;
    if (costUs === this.#reportedUs) return false;
    this.#reportedUs = costUs;
    this.#heldUntil = this.#measurements + HELD_MEASUREMENTS;
    return true;
  }

  #smooth(ms: number): number {
    const steps = this.#measurements;
    this.#measurements++;
    const old = this.#smoothedMs ?? ms;
    this.#smoothedMs = old + (ms - old) * Math.max(NEW_SHARE, 1 / this.#measurements);
    if (steps > 0) {
      const step = Math.abs(ms - this.#latestMs);
      this.#stepMs += (step - this.#stepMs) * Math.max(NEW_SHARE, 1 / steps);
    }
    this.#latestMs = ms;
    return this.#smoothedMs;
  }

  #hasMoved(costUs: number): boolean {
    if (this.#measurements < this.#heldUntil) return false;
    const stepUs = this.#stepMs * 1000;
    const least = Math.max(REPORTED_US, REPORTED_SHARE * this.#reportedUs, REPORTED_STEPS * stepUs);
    return Math.abs(costUs - this.#reportedUs) > least;
  }
}
