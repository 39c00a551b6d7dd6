import type { NodeId } from "@clawmatrix/identity";
import { NODE_ID_BYTES, nodeIdFromBytes } from "@clawmatrix/identity";
import type { FrameConduit, Lane, LaneReceiver } from "@clawmatrix/mesh";
import { CallHeader, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { Channels } from "./call-dialer.ts";
import { type CallServer, refuse } from "./call-server.ts";
import { forwardCall } from "./forward-call.ts";
import { ReaderBudget } from "./reader-budget.ts";

export interface CallRouterOptions {
  /** This node. */
  readonly self: NodeId;
  /** Serves calls for this node itself. */
  readonly server: CallServer;
  /** The way to all others. */
  readonly channels: Channels;
}

/** Takes the calls of a node's local clients to where they are to be served: here, or on another node. */
export class CallRouter {
  readonly #options: CallRouterOptions;

  constructor(options: CallRouterOptions) {
    this.#options = options;
  }

  /** Takes the calls of one client. */
  attachClient(conduit: FrameConduit): void {
    const budget = new ReaderBudget();
    conduit.accept((lane, type, flags, header, payload) => {
      try {
        return this.#route(lane, type, flags, header, payload, budget);
      } catch (thrown) {
        refuse(lane, payload, StatusError.from(thrown));
        return undefined;
      }
    });
  }

  #route(
    lane: Lane,
    type: number,
    flags: number,
    header: Uint8Array,
    payload: Uint8Array,
    budget: ReaderBudget,
  ): LaneReceiver | undefined {
    const { self, server, channels } = this.#options;
    const decoded = CallHeader.decode(header);
    const { length } = decoded.target;
    if (length !== 0 && length !== NODE_ID_BYTES) {
      throw new StatusError(StatusCode.INVALID_ARGUMENT, "the target of a call is not a node id", {
        reason: "bad-call",
      });
    }
    const target = length === 0 ? self : nodeIdFromBytes(decoded.target);
    if (target === self) {
      return server.take(lane, type, flags, header, payload, { nodeId: self, local: true }, budget);
    }
    return forwardCall(lane, { type, flags, header: decoded, payload }, () => channels.channelTo(target));
  }
}
