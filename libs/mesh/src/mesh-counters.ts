/** What a node's mesh has counted since it started, for metrics. */
export interface MeshCounters {
  /** Channel packets sent by this node, and received for it. */
  sent: number;
  received: number;
  /** Packets of other nodes that were sent on. */
  forwarded: number;
  /** Packets dropped because a link's queue was full, or its link ended. */
  droppedQueueFull: number;
  droppedNoRoute: number;
  droppedHopLimit: number;
  /** Packets of, or through, nodes that may not send them. */
  droppedRefused: number;
  /** Packets of a version or kind that this node does not know, for this node. */
  droppedUnknown: number;
  /** Links that came up, and that ended. */
  linksUp: number;
  linksDown: number;
  /** Links that ended because bytes from the other side were bad. */
  badMessages: number;
  /** Handshakes that failed, in either direction. */
  handshakesFailed: number;
  recordsReceived: number;
  /** Records that were not newer than what was known. */
  recordsKnown: number;
  /** Records whose signature or shape was wrong, or that had no place. */
  recordsRefused: number;
}

export function newCounters(): MeshCounters {
  return {
    sent: 0,
    received: 0,
    forwarded: 0,
    droppedQueueFull: 0,
    droppedNoRoute: 0,
    droppedHopLimit: 0,
    droppedRefused: 0,
    droppedUnknown: 0,
    linksUp: 0,
    linksDown: 0,
    badMessages: 0,
    handshakesFailed: 0,
    recordsReceived: 0,
    recordsKnown: 0,
    recordsRefused: 0,
  };
}
