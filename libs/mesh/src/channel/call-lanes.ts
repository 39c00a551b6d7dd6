import { ExpiringMap } from "@clawmatrix/bounded";
import type { Clock, Logger } from "@clawmatrix/environment";
import { Priority, StatusCode, StatusError } from "@clawmatrix/protocol";
import { writeUint32 } from "./channel-packets.ts";
import type { ConduitCounts, Lane, LaneAcceptor, LaneReceiver, OutgoingFrame } from "./frame-conduit.ts";
import {
  badFrame,
  FrameFlag,
  frameBytes,
  MAX_FRAME_BYTES,
  MAX_FRAME_HEADER_BYTES,
  payloadBytes,
  splitOpening,
  writeFrame,
} from "./frame-layout.ts";

/** The least that `CallLanes.pack` needs to be given: any one frame fits. */
export const MAX_PACKED_FRAME_BYTES = MAX_FRAME_BYTES;

export interface CallLanesOptions {
  /** The number of the first call that this side opens: 1, or 2 where the peer has the odd numbers. */
  readonly firstCall: 1 | 2;
  /** Called when frames of a priority wait that did not before: time to `pack`. */
  readonly onQueued: (priority: Priority) => void;
  /** Called when there is an open call after there was none. */
  readonly onBusy?: () => void;
  /** Called when the last open call has ended. */
  readonly onEmpty?: () => void;
  readonly logger: Logger;
  /** Time, for how long calls that were given up are remembered. */
  readonly clock: Pick<Clock, "monotonic">;
  /** Each frame is packed behind its length (4, big-endian), as on a stream of bytes. Default: false. */
  readonly lengthPrefix?: boolean;
}

/** Bytes of a lane that are packed before it is the next lane's turn. Below a segment, so that a segment serves several. */
const BYTES_PER_TURN = 16_384;
/** The most that a conduit keeps unsent: all credit of 256 calls. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
/** Calls given up that are remembered, and for how long, so that what still comes for them can be told apart (P9). */
const GIVEN_UP = { entries: 5000, milliseconds: 15 * 60_000 };
/** The most calls that a peer has open, or has let wait for an acceptor, whatever is said of each. */
const MAX_CALLS_OF_PEER = 4096;

/** What belongs to one priority: the lanes with something to send, taking turns, and how much that is. */
interface Turns {
  first: QueueingLane | undefined;
  last: QueueingLane | undefined;
  bytes: number;
}

/** Frames that have left are shifted out of a lane's queue in blocks, so that a long queue costs no more per frame. */
const FRAMES_SHIFTED_AT_ONCE = 256;

interface WaitingOpening {
  readonly priority: Priority;
  readonly call: number;
  readonly type: number;
  readonly flags: number;
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
}

/**
 * The calls of one conduit: gives each a number and a queue of its own, packs what they send, lane by lane in turn,
 * and hands what arrives to the call that it is for.
 */
export class CallLanes {
  readonly #options: CallLanesOptions;
  /** Those that are open, and of these, by number, those whose first frame has left or come. */
  readonly #open = new Set<QueueingLane>();
  readonly #byCall = new Map<number, QueueingLane>();
  readonly #interactive: Turns = { first: undefined, last: undefined, bytes: 0 };
  readonly #bulk: Turns = { first: undefined, last: undefined, bytes: 0 };
  #acceptor: LaneAcceptor | undefined;
  #waiting: WaitingOpening[] = [];
  #next: number;
  /** Where the priorities are ordered apart, so are the numbers of the calls that are opened under them. */
  #highestInteractive = 0;
  #highestBulk = 0;
  #openOfPeer = 0;
  readonly #givenUp: ExpiringMap<true>;
  #lateFrames = 0;
  #strayFrames = 0;
  #ended: StatusError | undefined;

  /** For lanes. */
  readonly lengthPrefix: boolean;

  constructor(options: CallLanesOptions) {
    this.#options = options;
    this.#next = options.firstCall;
    this.lengthPrefix = options.lengthPrefix ?? false;
    this.#givenUp = new ExpiringMap({ clock: options.clock, ...GIVEN_UP });
  }

  get size(): number {
    return this.#open.size;
  }

  get counts(): ConduitCounts {
    return { lateFrames: this.#lateFrames, strayFrames: this.#strayFrames };
  }

  get ended(): StatusError | undefined {
    return this.#ended;
  }

  /** Bytes of frames that wait. */
  queuedBytes(priority: Priority): number {
    return this.#turns(priority).bytes;
  }

  open(priority: Priority, receiver: LaneReceiver): Lane {
    if (this.#ended !== undefined) throw this.#ended;
    const lane = new QueueingLane(this, priority, receiver);
    this.#opened(lane);
    return lane;
  }

  accept(acceptor: LaneAcceptor): void {
    this.#acceptor = acceptor;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const opening of waiting) this.#accept(opening);
  }

  /**
   * Delivers one frame, which came under `priority` where the priorities are ordered apart. Throws StatusError where
   * it breaks the protocol, which ends the conduit.
   */
  deliver(
    priority: Priority,
    type: number,
    flags: number,
    call: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const lane = this.#byCall.get(call);
    if (lane !== undefined) {
      if ((flags & FrameFlag.OPEN) !== 0) throw badFrame("a call is opened twice");
      this.#hand(lane, type, flags, bytes.subarray(start, end));
      return;
    }
    const ofPeer = call % 2 !== this.#options.firstCall % 2;
    if ((flags & FrameFlag.OPEN) === 0) {
      const opened = ofPeer ? Math.max(this.#highestInteractive, this.#highestBulk) : this.#next - 2;
      if (call > opened) throw badFrame("a call was never opened");
      if (this.#givenUp.get(String(call)) === undefined) this.#strayFrames++;
      else this.#lateFrames++;
      return;
    }
    const highest = priority === Priority.BULK ? this.#highestBulk : this.#highestInteractive;
    if (!ofPeer || call <= highest) throw badFrame("a call is opened under a number that is not free");
    if (priority === Priority.BULK) this.#highestBulk = call;
    else this.#highestInteractive = call;
    if (this.#openOfPeer + this.#waiting.length >= MAX_CALLS_OF_PEER) throw tooManyCalls();
    const opening = { priority, call, type, flags, ...splitOpening(bytes.subarray(start, end)) };
    if (this.#acceptor === undefined) this.#waiting.push(opening);
    else this.#accept(opening);
  }

  /** Writes waiting frames into `out` from `at`, while they fit; returns where they end. */
  pack(priority: Priority, out: Uint8Array, at: number): number {
    const turns = this.#turns(priority);
    let to = at;
    for (let lane = turns.first; lane !== undefined; lane = turns.first) {
      const before = to;
      const queued = lane.queuedBytes;
      to = lane.write(out, to, BYTES_PER_TURN);
      turns.bytes -= queued - lane.queuedBytes;
      const done = lane.queuedBytes === 0;
      // A frame that does not fit any more: the lane stays first, and goes on in the next segment.
      if (!done && to - before < BYTES_PER_TURN) break;
      this.#dequeue(turns);
      if (!done) this.#enqueue(turns, lane);
    }
    return to;
  }

  /** Ends all calls. */
  end(error: StatusError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    const lanes = [...this.#open];
    this.#open.clear();
    this.#byCall.clear();
    this.#waiting = [];
    this.#openOfPeer = 0;
    for (const turns of [this.#interactive, this.#bulk]) {
      for (let lane = turns.first; lane !== undefined; lane = turns.first) {
        this.#dequeue(turns);
        lane.forget();
      }
      turns.bytes = 0;
    }
    for (const lane of lanes) lane.break(error);
  }

  /** For lanes: something waits on `lane` that did not before (`first`), or more than before. */
  queued(lane: QueueingLane, bytes: number, first: boolean): void {
    const turns = this.#turns(lane.priority);
    const idle = turns.first === undefined;
    turns.bytes += bytes;
    if (first) this.#enqueue(turns, lane);
    if (idle) this.#options.onQueued(lane.priority);
  }

  /** For lanes: whether `bytes` more may wait. */
  requireRoom(bytes: number): void {
    if (this.#ended !== undefined) throw this.#ended;
    if (this.#interactive.bytes + this.#bulk.bytes + bytes <= MAX_QUEUED_BYTES) return;
    throw new StatusError(
      StatusCode.RESOURCE_EXHAUSTED,
      "too much waits to be sent to this peer: it does not take in what it is sent",
      { reason: "queue-full", hint: "try again when the connection has recovered", retryable: true },
    );
  }

  /** For lanes: takes away what waits on `lane`. */
  discarded(lane: QueueingLane, bytes: number): void {
    const turns = this.#turns(lane.priority);
    turns.bytes -= bytes;
    let previous: QueueingLane | undefined;
    for (let each = turns.first; each !== undefined; each = each.next) {
      if (each === lane) {
        if (previous === undefined) turns.first = lane.next;
        else previous.next = lane.next;
        if (turns.last === lane) turns.last = previous;
        lane.next = undefined;
        return;
      }
      previous = each;
    }
  }

  /** For lanes: the number of one whose first frame is about to leave. */
  nextCall(lane: QueueingLane): number {
    const call = this.#next;
    this.#next += 2;
    if (this.#open.has(lane)) this.#byCall.set(call, lane);
    return call;
  }

  /** For lanes. */
  closed(lane: QueueingLane, givenUp: boolean): void {
    if (!this.#open.delete(lane)) return;
    if (givenUp && lane.call !== 0) this.#givenUp.set(String(lane.call), true);
    this.#byCall.delete(lane.call);
    if (lane.call % 2 !== this.#options.firstCall % 2 && lane.call !== 0) this.#openOfPeer--;
    if (this.#open.size === 0) this.#options.onEmpty?.();
  }

  #accept({ priority, call, type, flags, header, payload }: WaitingOpening): void {
    const lane = new QueueingLane(this, priority, undefined, call);
    this.#opened(lane);
    this.#byCall.set(call, lane);
    this.#openOfPeer++;
    try {
      const receiver = this.#acceptor?.(lane, type, flags, header, payload);
      if (receiver === undefined) lane.close();
      else lane.receiver = receiver;
    } catch (thrown) {
      this.#fault(lane, thrown);
    }
  }

  #opened(lane: QueueingLane): void {
    this.#open.add(lane);
    if (this.#open.size === 1) this.#options.onBusy?.();
  }

  #hand(lane: QueueingLane, type: number, flags: number, payload: Uint8Array): void {
    try {
      lane.receiver?.frame(type, flags, payload);
    } catch (thrown) {
      this.#fault(lane, thrown);
    }
  }

  /** A receiver that throws is a mistake of ours: it costs its call, nothing else. */
  #fault(lane: QueueingLane, thrown: unknown): void {
    const error = StatusError.from(thrown);
    this.#options.logger.error("a call could not take a frame and was ended", { error: error.message });
    const { receiver } = lane;
    lane.close();
    receiver?.broken(error);
  }

  #turns(priority: Priority): Turns {
    return priority === Priority.BULK ? this.#bulk : this.#interactive;
  }

  #enqueue(turns: Turns, lane: QueueingLane): void {
    if (turns.last === undefined) turns.first = lane;
    else turns.last.next = lane;
    turns.last = lane;
  }

  #dequeue(turns: Turns): void {
    const lane = turns.first;
    if (lane === undefined) return;
    turns.first = lane.next;
    if (turns.last === lane) turns.last = undefined;
    lane.next = undefined;
  }
}

class QueueingLane implements Lane {
  call: number;
  receiver: LaneReceiver | undefined;
  /** The lane whose turn it is after this one's. */
  next: QueueingLane | undefined;
  priority: Priority;
  readonly #lanes: CallLanes;
  #frames: OutgoingFrame[] = [];
  #head = 0;
  #queuedBytes = 0;
  #hasSent = false;
  #closed = false;

  constructor(lanes: CallLanes, priority: Priority, receiver: LaneReceiver | undefined, call = 0) {
    this.#lanes = lanes;
    this.call = call;
    this.priority = priority;
    this.receiver = receiver;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  send(frame: OutgoingFrame): void {
    if (this.#closed) return;
    const bytes = costOf(frame);
    if (bytes > MAX_FRAME_BYTES) throw new RangeError(`a frame of ${bytes} bytes is larger than any may be`);
    this.#lanes.requireRoom(bytes);
    const first = this.#queuedBytes === 0;
    this.#frames.push(frame);
    this.#queuedBytes += bytes;
    this.#lanes.queued(this, bytes, first);
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

function tooManyCalls(): StatusError {
  return new StatusError(
    StatusCode.RESOURCE_EXHAUSTED,
    `the peer has more than ${MAX_CALLS_OF_PEER} calls open at once`,
    { reason: "too-many-calls" },
  );
}
