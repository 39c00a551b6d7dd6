/** The share of a new measurement in the smoothed round-trip time. */
const NEW_SHARE = 1 / 8;
/** What any link costs, in µs, on top of its round-trip time: a relay's work, so that on a fast network fewer hops win. */
const BASE_COST_US = 1_000;
/** How far the cost must move from the one reported, as a share of that and in µs, before it is reported anew. */
const REPORTED_SHARE = 0.3;
const REPORTED_US = 3_000;
/** A record's cost has 32 bits. */
const HIGHEST_COST_US = 0xffff_ffff;

/**
 * The round-trip time of a link, smoothed, and the cost that is made of it. The cost stays at what was reported
 * until it has really changed. All nodes route by reported costs, so jitter moves no route anywhere, and nodes that
 * know the same never disagree about the way, which would be a loop.
 */
export class RoundTrip {
  #smoothedMs: number | undefined;
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
    const old = this.#smoothedMs;
    this.#smoothedMs = old === undefined ? ms : old + (ms - old) * NEW_SHARE;
    const costUs = Math.min(HIGHEST_COST_US, BASE_COST_US + Math.round(this.#smoothedMs * 1000));
    const moved = Math.abs(costUs - this.#reportedUs);
    if (old !== undefined && moved <= Math.max(REPORTED_US, REPORTED_SHARE * this.#reportedUs)) return false;
    if (costUs === this.#reportedUs) return false;
    this.#reportedUs = costUs;
    return true;
  }
}
