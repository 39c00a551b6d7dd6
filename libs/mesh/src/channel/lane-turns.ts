import type { QueueingLane } from "./queueing-lane.ts";

/** Bytes of a lane that are packed before it is the next lane's turn. Below a segment, so that a segment serves several. */
const BYTES_PER_TURN = 16_384;

/** The lanes of one priority that have something to send, taking turns. */
export class LaneTurns {
  #first: QueueingLane | undefined;
  #last: QueueingLane | undefined;
  #bytes = 0;

  /** Bytes that wait on all of them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `bytes` more wait on `lane`. True: nothing waited before. */
  add(lane: QueueingLane, bytes: number): boolean {
    const idle = this.#first === undefined;
    this.#bytes += bytes;
    // What it has waiting is all that was added now: it does not stand in the row yet.
    if (lane.queuedBytes === bytes) this.#append(lane);
    return idle;
  }

  /** `bytes` that waited on `lane` do so no more, and nothing else does. */
  remove(lane: QueueingLane, bytes: number): void {
    this.#bytes -= bytes;
    let before: QueueingLane | undefined;
    for (let each = this.#first; each !== undefined; before = each, each = each.next) {
      if (each !== lane) continue;
      if (before === undefined) this.#first = lane.next;
      else before.next = lane.next;
      if (this.#last === lane) this.#last = before;
      lane.next = undefined;
      return;
    }
  }

  /** Writes waiting frames into `out` from `at`, while they fit; returns where they end. */
  pack(out: Uint8Array, at: number): number {
    let to = at;
    for (let lane = this.#first; lane !== undefined; lane = this.#first) {
      const before = to;
      const queued = lane.queuedBytes;
      to = lane.write(out, to, BYTES_PER_TURN);
      this.#bytes -= queued - lane.queuedBytes;
      const done = lane.queuedBytes === 0;
      // A frame that does not fit any more: the lane stays first, and goes on in the next segment.
      if (!done && to - before < BYTES_PER_TURN) break;
      this.#shift();
      if (!done) this.#append(lane);
    }
    return to;
  }

  /** Forgets everything that waits. */
  clear(): void {
    for (let lane = this.#first; lane !== undefined; lane = this.#first) {
      this.#shift();
      lane.forget();
    }
    this.#bytes = 0;
  }

  #append(lane: QueueingLane): void {
    if (this.#last === undefined) this.#first = lane;
    else this.#last.next = lane;
    this.#last = lane;
  }

  #shift(): void {
    const lane = this.#first;
    if (lane === undefined) return;
    this.#first = lane.next;
    if (this.#last === lane) this.#last = undefined;
    lane.next = undefined;
  }
}
