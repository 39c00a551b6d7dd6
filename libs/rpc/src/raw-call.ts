import type { FrameConduit, Lane, LaneReceiver } from "@clawmatrix/mesh";
import { FrameFlag } from "@clawmatrix/mesh";
import {
  CallCredit,
  CallLimit,
  CallStatus,
  DedupClass,
  type Priority,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";
import { decodeStatus, encodeStatus } from "./call-status.ts";

/** What one side of a call is told. After `ended` comes nothing. */
export interface RawCallReceiver {
  /** A frame of the call, of whatever type, but for its credit and its status. */
  frame(type: number, flags: number, payload: Uint8Array): void;
  /** The peer takes in `bytes` more. */
  credit(bytes: number): void;
  /** The peer has ended the call, or it broke. Undefined: with OK. */
  ended(error: StatusError | undefined): void;
}

/** The frame that opens a call. */
export interface Opening {
  readonly type: number;
  /** Dedup class, END and MORE; OPEN is added. */
  readonly flags: number;
  /** The bytes of the CallHeader. */
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
}

/** What a frame of `bytes` takes off the credit. */
export function frameCost(bytes: number): number {
  return Math.max(bytes, CallLimit.LEAST_FRAME_COST);
}

/** More than anybody grants who means it; the sum stays exact. */
const MOST_CREDIT = 2 ** 40;

/**
 * One side of one call, without knowing what its frames say: keeps to the credit of both directions, and ends once.
 * What is sent is never held back here: who sends asks `credit` first.
 */
export class RawCall implements LaneReceiver {
  readonly #lane: Lane;
  readonly #isCaller: boolean;
  #receiver: RawCallReceiver | undefined;
  /** Bytes that this side may still send, and the peer. */
  #credit: number = CallLimit.INITIAL_CREDIT_BYTES;
  #granted: number = CallLimit.INITIAL_CREDIT_BYTES;

  private constructor(isCaller: boolean, receiver: RawCallReceiver, lane: (self: RawCall) => Lane) {
    this.#isCaller = isCaller;
    this.#receiver = receiver;
    this.#lane = lane(this);
  }

  /** Makes a call. Throws StatusError where the conduit has ended or is full. */
  static open(
    conduit: FrameConduit,
    priority: Priority,
    opening: Opening,
    receiver: RawCallReceiver,
  ): RawCall {
    const call = new RawCall(true, receiver, (self) => conduit.open(priority, self));
    const { type, flags, header, payload } = opening;
    call.#credit -= frameCost(payload.length);
    try {
      call.#lane.send({ type, flags: flags | FrameFlag.OPEN, payload, header });
    } catch (error) {
      call.#lane.close();
      throw error;
    }
    return call;
  }

  /** Takes a call whose opening frame has `bytes` of payload. */
  static take(lane: Lane, bytes: number, receiver: RawCallReceiver): RawCall {
    const call = new RawCall(false, receiver, () => lane);
    call.#granted -= frameCost(bytes);
    return call;
  }

  /** Bytes that may be sent: a frame may leave while it is above 0. */
  get credit(): number {
    return this.#credit;
  }

  get isOver(): boolean {
    return this.#receiver === undefined;
  }

  /** Sends a frame. After the end it does nothing. */
  send(type: number, flags: number, payload: Uint8Array): void {
    if (this.#receiver === undefined) return;
    this.#credit -= frameCost(payload.length);
    try {
      this.#lane.send({ type, flags, payload });
    } catch (thrown) {
      this.#finish(StatusError.from(thrown));
    }
  }

  /** Lets the peer send this many more bytes. */
  grant(bytes: number): void {
    if (this.#receiver === undefined || bytes <= 0) return;
    this.#granted += bytes;
    this.#sendControl(CallCredit.number, CallCredit.encode({ bytes }));
  }

  /** The server's end of the call: what was sent before still arrives, then the status. */
  end(error?: StatusError): void {
    if (this.#receiver === undefined) return;
    this.#receiver = undefined;
    this.#sendControl(CallStatus.number, encodeStatus(error));
    this.#lane.close();
  }

  /** The server has sent its last frame, with the flag END: that stands for OK. */
  endSent(): void {
    this.#receiver = undefined;
    this.#lane.close();
  }

  /** Gives the call up, on either side: what has not left yet is forgotten, and the peer is told. */
  cancel(error: StatusError): void {
    if (this.#receiver === undefined) return;
    this.#receiver = undefined;
    const unknownToPeer = this.#lane.discard() && this.#isCaller;
    if (!unknownToPeer) this.#sendControl(CallStatus.number, encodeStatus(error));
    this.#lane.close(true);
  }

  /** For the lane. */
  frame(type: number, flags: number, payload: Uint8Array): void {
    const receiver = this.#receiver;
    if (receiver === undefined) return;
    try {
      if (type === CallCredit.number) this.#onCredit(CallCredit.decode(payload).bytes, receiver);
      else if (type === CallStatus.number) this.#over(decodeStatus(payload), receiver);
      else this.#onFrame(type, flags, payload, receiver);
    } catch (thrown) {
      this.#finish(StatusError.from(thrown));
    }
  }

  /** For the lane. */
  broken(error: StatusError): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.ended(error);
  }

  #onCredit(bytes: number, receiver: RawCallReceiver): void {
    this.#credit = Math.min(this.#credit + bytes, MOST_CREDIT);
    receiver.credit(bytes);
  }

  #onFrame(type: number, flags: number, payload: Uint8Array, receiver: RawCallReceiver): void {
    if (this.#granted <= 0) throw overCredit();
    this.#granted -= frameCost(payload.length);
    receiver.frame(type, flags, payload);
    const endsCall = this.#isCaller && (flags & FrameFlag.END) !== 0;
    if (endsCall && this.#receiver === receiver) this.#over(undefined, receiver);
  }

  #over(error: StatusError | undefined, receiver: RawCallReceiver): void {
    this.#receiver = undefined;
    // What has not left yet nobody reads any more.
    this.#lane.discard();
    this.#lane.close();
    receiver.ended(error);
  }

  /** Ends the call for both sides, for a reason of this side's. */
  #finish(error: StatusError): void {
    const receiver = this.#receiver;
    if (receiver === undefined) return;
    this.cancel(error);
    receiver.ended(error);
  }

  #sendControl(type: number, payload: Uint8Array): void {
    try {
      this.#lane.send({ type, flags: DedupClass.CHANNEL_SEQUENCE, payload }, true);
    } catch {
      // The conduit has ended: there is nobody to tell.
      this.#lane.close(true);
    }
  }
}

function overCredit(): StatusError {
  return new StatusError(
    StatusCode.RESOURCE_EXHAUSTED,
    "the call was ended: its other side sent more than it was allowed to",
    { reason: "credit-exceeded" },
  );
}
