/** Segments that wait for earlier ones, in bytes: what a sender may have on its way at most. */
const MOST_HELD_BYTES = 4 * 1024 * 1024;
/** And as many in number: the smallest carry one frame of a few bytes. */
const MOST_HELD_SEGMENTS = 16_384;
/** Ranges of an acknowledgement. */
const MOST_RANGES = 32;

/** First and last sequence number, both included. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** What became of a segment. */
export type Arrival = "in-order" | "out-of-order" | "duplicate" | "no-room";

/** Puts the segments of one priority back in order, each once. */
export class IncomingSegments {
  readonly #deliver: (plaintext: Uint8Array) => void;
  /** By sequence number, those that wait for an earlier one. */
  readonly #held = new Map<number, Uint8Array>();
  /** Their sequence numbers, as ranges in rising order. */
  #ranges: { first: number; last: number }[] = [];
  #heldBytes = 0;
  #cumulative = 0;

  constructor(deliver: (plaintext: Uint8Array) => void) {
    this.#deliver = deliver;
  }

  /** All segments up to this one have been delivered. */
  get cumulative(): number {
    return this.#cumulative;
  }

  /** Those that have arrived beyond it: the first 32 ranges. */
  ranges(): readonly Range[] {
    return this.#ranges.slice(0, MOST_RANGES);
  }

  /** Whether earlier segments are missing. */
  get hasGaps(): boolean {
    return this.#held.size > 0;
  }

  /** Bytes that it will still hold. */
  get windowBytes(): number {
    return MOST_HELD_BYTES - this.#heldBytes;
  }

  /** Takes a segment, and delivers it and those that waited for it. What `deliver` throws passes through. */
  take(sequence: number, plaintext: Uint8Array): Arrival {
    if (sequence <= this.#cumulative || this.#held.has(sequence)) return "duplicate";
    if (sequence > this.#cumulative + 1) {
      const room = this.#heldBytes + plaintext.length <= MOST_HELD_BYTES;
      if (!room || this.#held.size >= MOST_HELD_SEGMENTS) return "no-room";
      this.#held.set(sequence, plaintext);
      this.#heldBytes += plaintext.length;
      this.#note(sequence);
      return "out-of-order";
    }
    this.#cumulative = sequence;
    this.#deliver(plaintext);
    for (let next = this.#held.get(this.#cumulative + 1); next !== undefined; ) {
      this.#cumulative++;
      this.#held.delete(this.#cumulative);
      this.#heldBytes -= next.length;
      this.#deliver(next);
      next = this.#held.get(this.#cumulative + 1);
    }
    while (this.#ranges[0] !== undefined && this.#ranges[0].last <= this.#cumulative) this.#ranges.shift();
    return "in-order";
  }

  clear(): void {
    this.#held.clear();
    this.#ranges = [];
    this.#heldBytes = 0;
  }

  #note(sequence: number): void {
    const ranges = this.#ranges;
    let at = ranges.length;
    while (at > 0 && (ranges[at - 1] as Range).first > sequence) at--;
    const before = ranges[at - 1];
    const after = ranges[at];
    const joinsBefore = before !== undefined && before.last + 1 === sequence;
    const joinsAfter = after !== undefined && after.first === sequence + 1;
    if (joinsBefore && joinsAfter) {
      before.last = after.last;
      ranges.splice(at, 1);
    } else if (joinsBefore) before.last = sequence;
    else if (joinsAfter) after.first = sequence;
    else ranges.splice(at, 0, { first: sequence, last: sequence });
  }
}
