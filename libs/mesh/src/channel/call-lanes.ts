import { ExpiringMap } from "@clawmatrix/bounded";
import type { Clock, Logger } from "@clawmatrix/environment";
import { Priority, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { ConduitCounts, Lane, LaneAcceptor, LaneReceiver } from "./frame-conduit.ts";
import { badFrame, FrameFlag, splitOpening } from "./frame-layout.ts";
import { LaneTurns } from "./lane-turns.ts";
import { type LaneOwner, QueueingLane } from "./queueing-lane.ts";

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

/** The most that a conduit keeps unsent: the first credit of 256 calls, and the 16 MiB by which windows grow. */
const MAX_QUEUED_BYTES = 80 * 1024 * 1024;
/** Calls given up that are remembered, and for how long, so that what still comes for them can be told apart (P9). */
const GIVEN_UP = { entries: 5000, milliseconds: 15 * 60_000 };
/** The most calls that a peer has open, or has let wait for an acceptor, whatever is said of each. */
const MAX_CALLS_OF_PEER = 4096;

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
export class CallLanes implements LaneOwner {
  readonly #options: CallLanesOptions;
  /** Those that are open, and of these, by number, those whose first frame has left or come. */
  readonly #open = new Set<QueueingLane>();
  readonly #byCall = new Map<number, QueueingLane>();
  readonly #interactive = new LaneTurns();
  readonly #bulk = new LaneTurns();
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
    return this.#turns(priority).pack(out, at);
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
    this.#interactive.clear();
    this.#bulk.clear();
    for (const lane of lanes) lane.break(error);
  }

  /** For lanes: `bytes` more wait on `lane`. */
  queued(lane: QueueingLane, bytes: number): void {
    if (this.#turns(lane.priority).add(lane, bytes)) this.#options.onQueued(lane.priority);
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

  /** For lanes: `bytes` that waited on `lane` do so no more. */
  discarded(lane: QueueingLane, bytes: number): void {
    this.#turns(lane.priority).remove(lane, bytes);
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

  #turns(priority: Priority): LaneTurns {
    return priority === Priority.BULK ? this.#bulk : this.#interactive;
  }
}

function tooManyCalls(): StatusError {
  return new StatusError(
    StatusCode.RESOURCE_EXHAUSTED,
    `the peer has more than ${MAX_CALLS_OF_PEER} calls open at once`,
    { reason: "too-many-calls" },
  );
}
