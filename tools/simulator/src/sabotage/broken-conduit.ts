import type { FrameConduit, Lane, LaneAcceptor, LaneReceiver } from "@clawmatrix/mesh";

/** How a channel may be broken: after it has acknowledged what came, so that nothing below mends it. */
export type Breakage =
  | "drops-a-frame"
  | "doubles-a-frame"
  | "swaps-two-frames"
  | "delivers-after-the-end"
  | "never-breaks";

/** The frame of a call that suffers, counted from the one after the first. */
const VICTIM = 5;

/**
 * A channel that does not keep what it promises, towards those who serve calls. No node has one: it shows that the
 * checks see what they are there for.
 */
export function breakConduit(inner: FrameConduit, breakage: Breakage): FrameConduit {
  return new Proxy(inner, {
    get(target, name) {
      if (name === "accept") {
        return (acceptor: LaneAcceptor) => target.accept(brokenAcceptor(acceptor, breakage));
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function brokenAcceptor(acceptor: LaneAcceptor, breakage: Breakage): LaneAcceptor {
  return (lane, type, flags, header, payload) => {
    const receiver = acceptor(lane, type, flags, header, payload);
    if (breakage === "delivers-after-the-end" && receiver !== undefined)
      deliverAtClose(lane, receiver, payload);
    return receiver === undefined ? undefined : brokenReceiver(receiver, breakage);
  };
}

function deliverAtClose(lane: Lane, receiver: LaneReceiver, payload: Uint8Array): void {
  const close = lane.close.bind(lane);
  lane.close = (givenUp) => {
    close(givenUp);
    receiver.frame(0, 0, payload);
  };
}

function brokenReceiver(receiver: LaneReceiver, breakage: Breakage): LaneReceiver {
  type Frame = Parameters<LaneReceiver["frame"]>;
  let count = 0;
  let held: Frame | undefined;
  return {
    frame: (...frame) => {
      if (++count === VICTIM) {
        if (breakage === "drops-a-frame") return;
        if (breakage === "swaps-two-frames") {
          held = frame;
          return;
        }
        if (breakage === "doubles-a-frame") receiver.frame(...frame);
      }
      receiver.frame(...frame);
      if (held !== undefined) receiver.frame(...held);
      held = undefined;
    },
    broken: (error) => {
      if (breakage !== "never-breaks") receiver.broken(error);
    },
  };
}
