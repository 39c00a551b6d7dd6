import type { NodeId } from "@clawmatrix/identity";

/** What became of a packet that was to be sent. Anything but "queued" means that it is gone. */
export type CarryOutcome = "queued" | "no-route" | "queue-full" | "not-a-member";

export interface CarryOptions {
  /** May be dropped first where a queue is full. Default: false. */
  readonly bulk?: boolean;
}

/**
 * Carries the packets of channels to any node of the mesh, over whatever links there are: unordered, unreliable,
 * unsealed. Channels stand on this and make of it what is ordered, exactly-once and sealed.
 */
export interface PacketCarrier {
  /** This node. */
  readonly nodeId: NodeId;
  /**
   * Sends one channel packet. Consists of `parts` one behind the other, so that a header and its ciphertext need not be
   * joined first. The parts are copied before it returns.
   */
  send(destination: NodeId, parts: readonly Uint8Array[], options?: CarryOptions): CarryOutcome;
  /** Who receives. One receiver at a time. */
  receive(receiver: PacketReceiver): void;
  /** Whether there is a link with the node itself. Strangers may only be spoken to, and heard, over one. */
  isNeighbour(node: NodeId): boolean;
  /** Whether a route to the node is known. */
  isReachable(node: NodeId): boolean;
  /** Calls back when the route to a node has appeared, changed or gone. Returns how to end that. */
  onRouteChange(listener: (node: NodeId) => void): () => void;
}

export interface PacketReceiver {
  /** `payload` is there until this returns. */
  packet(source: NodeId, payload: Uint8Array): void;
  /** A hint that a packet to `destination` was dropped on the way. Not authenticated. */
  undeliverable(destination: NodeId, reason: number): void;
}
