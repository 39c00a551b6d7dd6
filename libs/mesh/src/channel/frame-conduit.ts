import type { Priority, StatusError } from "@clawmatrix/protocol";

/** One frame to be sent. Its arrays belong to the conduit from then on: the caller must not change them. */
export interface OutgoingFrame {
  /** The frame type's number. */
  readonly type: number;
  /** Dedup class and FrameFlag bits. */
  readonly flags: number;
  readonly payload: Uint8Array;
  /** The bytes of the CallHeader, exactly where FrameFlag.OPEN is set. */
  readonly header?: Uint8Array | undefined;
}

/** A call's place on a conduit: what is sent here stays in order, and waits for no other call. */
export interface Lane {
  /** The call's number on this conduit; 0 until its first frame has left. */
  readonly call: number;
  /** Bytes that wait to be sent. */
  readonly queuedBytes: number;
  /** What leaves first. May be set before the first frame is sent, and not after. */
  priority: Priority;
  /**
   * Queues a frame. Throws StatusError: RESOURCE_EXHAUSTED where the conduit holds as much unsent as it may,
   * UNAVAILABLE where it has ended. After `close` it does nothing. `essential`: it is taken beyond that bound, as a
   * call's status is.
   */
  send(frame: OutgoingFrame, essential?: boolean): void;
  /**
   * Forgets what has not been sent yet. True: not even the first frame had left, the peer knows nothing of the call.
   */
  discard(): boolean;
  /**
   * Ends the call here: what is queued still leaves, what still arrives is dropped and counted. `givenUp`: the peer
   * had not ended it, so its answer may still come.
   */
  close(givenUp?: boolean): void;
}

/** Receives the frames of one call. What it throws ends the call with INTERNAL, never the conduit. */
export interface LaneReceiver {
  /** `payload` is a view that stays valid; whoever keeps it keeps its whole packet in memory. */
  frame(type: number, flags: number, payload: Uint8Array): void;
  /** The conduit has ended, and with it the call. The lane is closed. */
  broken(error: StatusError): void;
}

/**
 * Takes a call that the peer opens. `header` are the bytes of its CallHeader, not checked yet. The first frame is
 * handed over with it, not through the receiver that it returns. Undefined: the call is over already.
 */
export type LaneAcceptor = (
  lane: Lane,
  type: number,
  flags: number,
  header: Uint8Array,
  payload: Uint8Array,
) => LaneReceiver | undefined;

/** Frames that arrived and were not delivered, counted since the conduit began (P9). */
export interface ConduitCounts {
  /** Frames of calls that had been given up. */
  readonly lateFrames: number;
  /** Frames of calls that were over: their sender could not know it yet. */
  readonly strayFrames: number;
}

/** An ordered, reliable pipe for the frames of many calls, to one peer. */
export interface FrameConduit {
  /** Opens a call. Throws StatusError UNAVAILABLE where the conduit has ended. */
  open(priority: Priority, receiver: LaneReceiver): Lane;
  /** Who takes the calls that the peer opens. Until it is set, they wait. */
  accept(acceptor: LaneAcceptor): void;
  /** Calls open now. */
  readonly openCalls: number;
  readonly counts: ConduitCounts;
  /** Why it ended; undefined while it lives. */
  readonly ended: StatusError | undefined;
  /** Calls back once when it has ended. Returns how to take that back. */
  onEnded(listener: (error: StatusError) => void): () => void;
  /** Whether frames are kept because there is no way to the peer at the moment. */
  readonly reconnecting: boolean;
  /** Calls back when `reconnecting` has changed. Returns how to take that back. */
  onReconnecting(listener: (reconnecting: boolean) => void): () => void;
  /** Ends it and all its calls, here and, if it can be told, at the peer. */
  close(error: StatusError): void;
}
