import type { FrameConduit, Lane, LaneAcceptor, LaneReceiver } from "@clawmatrix/mesh";

/** Watches the calls of channels for frames that are handed over after their call was given up or had ended (P9). */
export class LateFrames {
  /** Frames that should have been dropped. */
  handedOver = 0;

  /** The same conduit, watched on both sides of its calls. */
  watch(inner: FrameConduit): FrameConduit {
    return new Proxy(inner, {
      get: (target, name) => {
        if (name === "accept") return (acceptor: LaneAcceptor) => target.accept(this.#acceptor(acceptor));
        if (name === "open")
          return (...args: Parameters<FrameConduit["open"]>) => this.#open(target, ...args);
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }

  #open(conduit: FrameConduit, ...[priority, receiver]: Parameters<FrameConduit["open"]>): Lane {
    const watched = this.#receiver(receiver);
    return watched.until(conduit.open(priority, watched));
  }

  #acceptor(acceptor: LaneAcceptor): LaneAcceptor {
    return (lane, ...opening) => {
      let receiver: LaneReceiver | undefined;
      const watched = this.#receiver({
        frame: (...frame) => receiver?.frame(...frame),
        broken: (error) => receiver?.broken(error),
      });
      receiver = acceptor(watched.until(lane), ...opening);
      return receiver === undefined ? undefined : watched;
    };
  }

  #receiver(receiver: LaneReceiver): LaneReceiver & { until(lane: Lane): Lane } {
    let isOver = false;
    return {
      frame: (...frame) => {
        if (isOver) this.handedOver++;
        receiver.frame(...frame);
      },
      broken: (error) => receiver.broken(error),
      until: (lane) => {
        const close = lane.close.bind(lane);
        lane.close = (givenUp) => {
          isOver = true;
          close(givenUp);
        };
        return lane;
      },
    };
  }
}
