import type { NodeId } from "@clawmatrix/identity";
import { ChannelCloseReason, StatusCode, StatusError } from "@clawmatrix/protocol";

/** A peer, or the way to it, is gone. */
export function silent(peer: NodeId, forMs: number): StatusError {
  return new StatusError(
    StatusCode.UNAVAILABLE,
    `node ${peer} has not been heard for ${Math.round(forMs / 1000)} s`,
    { reason: "unreachable", hint: "see with `clawmatrix nodes` whether it is there, and try again" },
  );
}

/** The peer has closed the channel. */
export function closedByPeer(peer: NodeId, reason: ChannelCloseReason): StatusError {
  if (reason === ChannelCloseReason.NOT_A_MEMBER) {
    return new StatusError(
      StatusCode.PERMISSION_DENIED,
      `node ${peer} does not take this node for a member`,
      {
        reason: "not-a-member",
        hint: "ask an operator of the mesh for admission",
      },
    );
  }
  const why = CLOSE_WORDS[reason] ?? "for a reason that this version does not know";
  return new StatusError(StatusCode.UNAVAILABLE, `node ${peer} closed the channel: ${why}`, {
    reason: "channel-closed",
  });
}

const CLOSE_WORDS: Partial<Record<ChannelCloseReason, string>> = {
  [ChannelCloseReason.IDLE]: "it was not used",
  [ChannelCloseReason.STOPPING]: "it is stopping",
  [ChannelCloseReason.DUPLICATE]: "another one is used instead",
  [ChannelCloseReason.BAD_FRAME]: "it could not read a frame of this node",
};

/** There is no route. */
export function unreachable(node: NodeId): StatusError {
  return new StatusError(StatusCode.UNAVAILABLE, `node ${node} is not reachable`, {
    reason: "unreachable",
    hint: "see with `clawmatrix nodes` which nodes are there",
  });
}

/** This node is stopping. */
export function stopping(): StatusError {
  return new StatusError(StatusCode.UNAVAILABLE, "this node is stopping", { reason: "stopping" });
}

/** The peer has another boot, or has lost the channel. */
export function restarted(peer: NodeId, sameBoot: boolean): StatusError {
  const what = sameBoot ? "does not know the channel any more" : "has restarted";
  return new StatusError(StatusCode.UNAVAILABLE, `node ${peer} ${what}; the call may be made again`, {
    reason: sameBoot ? "channel-lost" : "peer-restarted",
  });
}

/** Nobody used the channel. */
export function notUsed(): StatusError {
  return new StatusError(StatusCode.UNAVAILABLE, "the channel was not used any more", { reason: "idle" });
}
