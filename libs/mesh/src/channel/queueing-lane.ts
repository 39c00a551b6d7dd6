import type { Priority, StatusError } from "@clawmatrix/protocol";
import { writeUint32 } from "./channel-packets.ts";
import type { Lane, LaneReceiver, OutgoingFrame } from "./frame-conduit.ts";
import {
  frameBytes,
  MAX_FRAME_BYTES,
  MAX_FRAME_HEADER_BYTES,
  payloadBytes,
  writeFrame,
} from "./frame-layout.ts";

/** What a lane needs of the conduit that it belongs to. */
export interface LaneOwner {
  /** Each frame is packed behind its length. */
  readonly lengthPrefix: boolean;
  /** Throws StatusError where `bytes` more may not wait. */
  requireRoom(bytes: number): void;
  /** `bytes` more wait on `lane`. */
  queued(lane: QueueingLane, bytes: number): void;
  /** `bytes` that waited on `lane` do so no more. */
  discarded(lane: QueueingLane, bytes: number): void;
  /** The number of the call, whose first frame is about to leave. */
  nextCall(lane: QueueingLane): number;
  closed(lane: QueueingLane, givenUp: boolean): void;
}

/** Frames that have left are shifted out of a lane's queue in blocks, so that a long queue costs no more per frame. */
const FRAMES_SHIFTED_AT_ONCE = 256;

/** A call's queue, and what its conduit knows of it. */
export class QueueingLane implements Lane {
  call: number;
  receiver: LaneReceiver | undefined;
  /** The lane whose turn it is after this one's. */
  next: QueueingLane | undefined;
  priority: Priority;
  readonly #lanes: LaneOwner;
  #frames: OutgoingFrame[] = [];
  #head = 0;
  #queuedBytes = 0;
  #hasSent = false;
  #closed = false;

  constructor(lanes: LaneOwner, priority: Priority, receiver: LaneReceiver | undefined, call = 0) {
    this.#lanes = lanes;
    this.call = call;
    this.priority = priority;
    this.receiver = receiver;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  send(frame: OutgoingFrame, essential = false): void {
    if (this.#closed) return;
    const bytes = costOf(frame);
    if (bytes > MAX_FRAME_BYTES) throw new RangeError(`a frame of ${bytes} bytes is larger than any may be`);
    if (!essential) this.#lanes.requireRoom(bytes);
    this.#frames.push(frame);
    this.#queuedBytes += bytes;
    this.#lanes.queued(this, bytes);
  }

  discard(): boolean {
    if (this.#queuedBytes > 0) {
      this.#lanes.discarded(this, this.#queuedBytes);
      this.forget();
    }
    return !this.#hasSent;
  }

  close(givenUp = false): void {
    if (this.#closed) return;
    this.#closed = true;
    this.receiver = undefined;
    this.#lanes.closed(this, givenUp);
  }

  /** Writes frames while they fit into `out`, and until `turn` bytes are written; returns where they end. */
  write(out: Uint8Array, at: number, turn: number): number {
    const frames = this.#frames;
    const end = Math.min(out.length, at + turn);
    let to = at;
    while (to < end && this.#head < frames.length) {
      const frame = frames[this.#head] as OutgoingFrame;
      if (this.call === 0) {
        // The number is taken only by a frame that leaves now, so that numbers leave in rising order.
        if (to + costOf(frame) > out.length) break;
        this.call = this.#lanes.nextCall(this);
      }
      if (to + MAX_FRAME_BYTES > out.length && to + 4 + frameBytes(frame, this.call) > out.length) break;
      const start = this.#lanes.lengthPrefix ? to + 4 : to;
      const next = writeFrame(frame, this.call, out, start);
      if (start > to) writeUint32(next - start, out, to);
      to = next;
      this.#queuedBytes -= costOf(frame);
      this.#head++;
    }
    if (to > at) this.#hasSent = true;
    if (this.#head === frames.length) {
      frames.length = 0;
      this.#head = 0;
    } else if (this.#head >= FRAMES_SHIFTED_AT_ONCE) {
      frames.splice(0, this.#head);
      this.#head = 0;
    }
    return to;
  }

  /** Forgets its queue, which its owner has taken it off. */
  forget(): void {
    this.#frames = [];
    this.#head = 0;
    this.#queuedBytes = 0;
  }

  break(error: StatusError): void {
    if (this.#closed) return;
    this.#closed = true;
    const { receiver } = this;
    this.receiver = undefined;
    receiver?.broken(error);
  }
}

/** What a frame counts for in a queue: its bytes on the wire at most, as its call may not have a number yet. */
function costOf(frame: OutgoingFrame): number {
  return MAX_FRAME_HEADER_BYTES + payloadBytes(frame);
}
