import type { NodeId } from "@clawmatrix/identity";
import type { FrameConduit } from "@clawmatrix/mesh";

/** Where a call goes. */
export interface CallPath {
  readonly conduit: FrameConduit;
  /** On a node's local socket: the node that shall serve the call. Default: the one behind the conduit. */
  readonly target?: NodeId;
}

/** Finds the way for a call that is about to be made: at once, or after a channel was opened. */
export interface CallDialer {
  /** Throws or rejects with StatusError where there is no way. */
  dial(): CallPath | Promise<CallPath>;
}

/** What opens channels to other nodes: `ChannelManager` of the mesh. */
export interface Channels {
  channelTo(node: NodeId): Promise<FrameConduit>;
}

/** All calls over one conduit; `target` as in `CallPath`. */
export function overConduit(conduit: FrameConduit, target?: NodeId): CallDialer {
  const path: CallPath = target === undefined ? { conduit } : { conduit, target };
  return { dial: () => path };
}

/** All calls to one node, over the channel that is open to it at the time, or a new one. */
export function overChannel(channels: Channels, node: NodeId): CallDialer {
  return { dial: async () => ({ conduit: await channels.channelTo(node) }) };
}
