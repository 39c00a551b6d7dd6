import type { Range } from "./incoming-segments.ts";

/** A segment that has not been acknowledged yet. */
export interface OutgoingSegment {
  readonly sequence: number;
  readonly plaintext: Uint8Array;
  /** Monotonic milliseconds of the last transmission. */
  sentAt: number;
  /** Which transmission of the priority that was, counted from 1. */
  transmission: number;
  transmissions: number;
  state: "on-its-way" | "lost" | "arrived";
}

/** As many later transmissions have to arrive before an earlier one counts as lost. */
const REORDERING_SEGMENTS = 3;

/** What an acknowledgement has shown. */
export interface Progress {
  /** Those that are now known to have arrived. */
  readonly arrived: readonly OutgoingSegment[];
  /** The one of them that was sent last, where it is certain which transmission it was that arrived. */
  readonly newest: OutgoingSegment | undefined;
}

/** The segments of one priority that may have to be sent again. */
export class OutgoingSegments {
  /** In order of sequence numbers, from `#first`. */
  #segments: OutgoingSegment[] = [];
  #first = 1;
  #transmission = 0;
  #newestArrived = 0;
  #bytesOnTheirWay = 0;
  #lost = 0;

  /** The last transmission that was made. */
  get transmission(): number {
    return this.#transmission;
  }

  get bytesOnTheirWay(): number {
    return this.#bytesOnTheirWay;
  }

  /** Whether all segments have been acknowledged. */
  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  get hasLost(): boolean {
    return this.#lost > 0;
  }

  /** Segments not acknowledged. */
  get size(): number {
    return this.#segments.length;
  }

  /** The sequence number of the next segment. */
  get nextSequence(): number {
    return this.#first + this.#segments.length;
  }

  /** Adds the next segment; it is about to be sent. */
  add(plaintext: Uint8Array): OutgoingSegment {
    const sequence = this.nextSequence;
    const segment: OutgoingSegment = {
      sequence,
      plaintext,
      sentAt: 0,
      transmission: 0,
      transmissions: 0,
      state: "lost",
    };
    this.#segments.push(segment);
    this.#lost++;
    return segment;
  }

  /** Notes that a segment is being sent. */
  sent(segment: OutgoingSegment, now: number): void {
    if (segment.state === "arrived") return;
    if (segment.state === "lost") {
      this.#lost--;
      this.#bytesOnTheirWay += segment.plaintext.length;
    }
    segment.state = "on-its-way";
    segment.sentAt = now;
    segment.transmission = ++this.#transmission;
    segment.transmissions++;
  }

  /** Notes that a segment is lost, so that it is sent again. */
  lose(segment: OutgoingSegment): void {
    if (segment.state !== "on-its-way") return;
    segment.state = "lost";
    this.#lost++;
    this.#bytesOnTheirWay -= segment.plaintext.length;
  }

  /** The earliest lost segment. */
  firstLost(): OutgoingSegment | undefined {
    return this.#lost === 0 ? undefined : this.#segments.find(({ state }) => state === "lost");
  }

  /** The earliest segment that has not arrived. */
  oldest(): OutgoingSegment | undefined {
    return this.#segments.find(({ state }) => state !== "arrived");
  }

  /** Whether a sequence number was ever given out. */
  knows(sequence: number): boolean {
    return sequence < this.#first + this.#segments.length;
  }

  /** Takes in an acknowledgement of sequence numbers that `knows`. `leastMs`: no answer comes faster than this. */
  acknowledge(cumulative: number, ranges: readonly Range[], now: number, leastMs: number): Progress {
    const arrived: OutgoingSegment[] = [];
    let newest: OutgoingSegment | undefined;
    const note = (segment: OutgoingSegment): void => {
      if (segment.state === "arrived") return;
      if (segment.state === "lost") this.#lost--;
      else this.#bytesOnTheirWay -= segment.plaintext.length;
      segment.state = "arrived";
      arrived.push(segment);
      // Of one that was sent twice and is answered at once, it was the earlier transmission that arrived.
      const certain = segment.transmissions === 1 || now - segment.sentAt >= leastMs;
      if (certain && (newest === undefined || segment.transmission > newest.transmission)) newest = segment;
    };
    const done = Math.max(0, Math.min(cumulative - this.#first + 1, this.#segments.length));
    for (let i = 0; i < done; i++) note(this.#segments[i] as OutgoingSegment);
    this.#segments.splice(0, done);
    this.#first += done;
    for (const { first, last } of ranges) {
      const from = Math.max(first - this.#first, 0);
      const to = Math.min(last - this.#first, this.#segments.length - 1);
      for (let i = from; i <= to; i++) note(this.#segments[i] as OutgoingSegment);
    }
    if (newest !== undefined) this.#newestArrived = Math.max(this.#newestArrived, newest.transmission);
    return { arrived, newest };
  }

  /**
   * Marks as lost what was overtaken by three later transmissions, or by one and `reorderingMs`. Tells when the next
   * one has to be looked at again: monotonic milliseconds, undefined if none was overtaken.
   */
  detectLosses(
    now: number,
    reorderingMs: number,
    onLost: (segment: OutgoingSegment) => void,
  ): number | undefined {
    let next: number | undefined;
    for (const segment of this.#segments) {
      if (segment.transmission >= this.#newestArrived) {
        // All behind one that was sent once, and later than what arrived, were sent later still.
        if (segment.transmissions === 1) break;
        continue;
      }
      if (segment.state !== "on-its-way") continue;
      const overtaken = segment.transmission + REORDERING_SEGMENTS <= this.#newestArrived;
      const lostAt = segment.sentAt + reorderingMs;
      if (overtaken || lostAt <= now) {
        this.lose(segment);
        onLost(segment);
      } else next = Math.min(next ?? lostAt, lostAt);
    }
    return next;
  }

  /** Marks everything that is on its way as lost. */
  loseAll(): void {
    for (const segment of this.#segments) this.lose(segment);
  }

  clear(): void {
    this.#segments = [];
    this.#bytesOnTheirWay = 0;
    this.#lost = 0;
  }
}
