import { type FrameConduit, FrameFlag, type Lane, type LaneReceiver } from "@clawmatrix/mesh";
import { CallHeader, methodOf, Priority, StatusError } from "@clawmatrix/protocol";
import { priorityOf } from "./client-call.ts";
import { type Opening, RawCall, type RawCallReceiver } from "./raw-call.ts";

/**
 * Passes a call on, without decoding what it says: both sides' frames, credit and end go through as they are. The
 * credit is the two ends' own, so that nothing piles up in between.
 *
 * `dial` finds the conduit to pass it on to; what it throws ends the call.
 */
export function forwardCall(
  lane: Lane,
  opening: Omit<Opening, "header"> & { readonly header: CallHeader },
  dial: () => Promise<FrameConduit>,
): LaneReceiver {
  return new ForwardedCall(lane, opening, dial).fromCaller;
}

interface KeptFrame {
  readonly type: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

class ForwardedCall {
  readonly fromCaller: RawCall;
  #toServer: RawCall | undefined;
  /** What the caller has sent while the way is being found: as much as its first credit allows. */
  #kept: KeptFrame[] = [];
  #keptCredit = 0;
  #endPassed = false;

  constructor(
    lane: Lane,
    opening: Omit<Opening, "header"> & { readonly header: CallHeader },
    dial: () => Promise<FrameConduit>,
  ) {
    const { header } = opening;
    const method = methodOf(header.method);
    const priority = method === undefined ? Priority.INTERACTIVE : priorityOf(method);
    lane.priority = priority;
    this.fromCaller = RawCall.take(lane, opening.payload.length, this.#callerSide());
    const passedOn = CallHeader.encode({ ...header, target: new Uint8Array(0) });
    dial()
      .then((conduit) => this.#open(conduit, priority, { ...opening, header: passedOn }))
      .catch((thrown: unknown) => this.fromCaller.end(StatusError.from(thrown)));
  }

  #open(conduit: FrameConduit, priority: Priority, opening: Opening): void {
    if (this.fromCaller.isOver) return;
    const toServer = RawCall.open(conduit, priority, opening, this.#serverSide());
    this.#toServer = toServer;
    for (const { type, flags, payload } of this.#kept.splice(0)) toServer.send(type, flags, payload);
    toServer.grant(this.#keptCredit);
    this.#keptCredit = 0;
  }

  #callerSide(): RawCallReceiver {
    return {
      frame: (type, flags, payload) => {
        if (this.#toServer === undefined) this.#kept.push({ type, flags, payload });
        else this.#toServer.send(type, flags, payload);
      },
      credit: (bytes) => {
        if (this.#toServer === undefined) this.#keptCredit += bytes;
        else this.#toServer.grant(bytes);
      },
      ended: (error) => {
        this.#kept = [];
        if (error !== undefined) this.#toServer?.cancel(error);
      },
    };
  }

  #serverSide(): RawCallReceiver {
    return {
      frame: (type, flags, payload) => {
        this.fromCaller.send(type, flags, payload);
        this.#endPassed ||= (flags & FrameFlag.END) !== 0;
      },
      credit: (bytes) => this.fromCaller.grant(bytes),
      ended: (error) => {
        if (error === undefined && this.#endPassed) this.fromCaller.endSent();
        else this.fromCaller.end(error);
      },
    };
  }
}
