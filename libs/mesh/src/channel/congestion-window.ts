/** Bytes that may be on their way at first: the nodes of a mesh are few, and their queues are as large as this. */
const FIRST_BYTES = 1024 * 1024;
/** The same for who gives way: what is on the way first is what a call beside it waits for. */
const FIRST_GIVING_WAY_BYTES = 256 * 1024;
/** Never less than two segments, so that a loss shows by what arrives behind it. */
const LEAST_BYTES = 128 * 1024;
/** Never more, as receivers hold no more: at 100 ms there and back these are 40 MB/s. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Packets that waited on their way for so much longer than the shortest time there and back, in ms, wait in a queue. */
const LEAST_QUEUEING_MS = 0.5;
/** Or for this share of the shortest time, where that is more. */
const QUEUEING_SHARE = 0.5;
/** What is left of a window that fills a queue. */
const QUEUEING_FACTOR = 0.75;
/** Bytes by which it grows in a round trip without loss, once it has been halved. */
const STEP_BYTES = 61_440;

/**
 * How many bytes may be on their way: doubles each round trip until something is lost, is halved once for all that
 * was lost in one round trip, then grows by a segment each round trip (NewReno, as in RFC 9002).
 */
export class CongestionWindow {
  #bytes: number;
  #threshold = Number.POSITIVE_INFINITY;
  /** Losses among the transmissions up to this one have been answered already. */
  #recoveredAt = 0;

  /** `givesWay`: it is for what others need not wait for. */
  constructor(givesWay: boolean) {
    this.#bytes = givesWay ? FIRST_GIVING_WAY_BYTES : FIRST_BYTES;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** `bytes` of the given transmission have arrived. `full`: the window was what held the sender back. */
  arrived(bytes: number, transmission: number, full: boolean): void {
    if (!full || transmission <= this.#recoveredAt) return;
    const growth = this.#bytes < this.#threshold ? bytes : (STEP_BYTES * bytes) / this.#bytes;
    this.#bytes = Math.min(this.#bytes + growth, MOST_BYTES);
  }

  /**
   * The given transmission was answered after `elapsedMs`, where `leastMs` is the shortest time there and back. For who
   * gives way to others: a queue on the way is theirs to wait in as well.
   */
  giveWay(elapsedMs: number, leastMs: number, transmission: number, latest: number): void {
    const queueing = elapsedMs - leastMs > Math.max(LEAST_QUEUEING_MS, leastMs * QUEUEING_SHARE);
    if (!queueing || transmission <= this.#recoveredAt) return;
    this.#recoveredAt = latest;
    this.#bytes = Math.max(this.#bytes * QUEUEING_FACTOR, LEAST_BYTES);
    this.#threshold = this.#bytes;
  }

  /** The given transmission was lost; `latest` is the last one that was made. */
  lost(transmission: number, latest: number): void {
    if (transmission <= this.#recoveredAt) return;
    this.#recoveredAt = latest;
    this.#bytes = Math.max(this.#bytes / 2, LEAST_BYTES);
    this.#threshold = this.#bytes;
  }

  /** Nothing arrives any more: begins again from the least. */
  collapse(latest: number): void {
    this.#recoveredAt = latest;
    this.#threshold = Math.max(this.#bytes / 2, LEAST_BYTES);
    this.#bytes = LEAST_BYTES;
  }
}
