/** Two nodes, by their numbers. */
export type Pair = readonly [one: number, other: number];

/** When it begins, in milliseconds since the world's beginning. */
interface Once {
  readonly atMs: number;
}

interface ForAWhile extends Once {
  /** Over after so many milliseconds, or at the end of the world's duration. */
  readonly forMs: number;
}

/** What happens between two hosts. */
export type LinkFault =
  /** The connection breaks, and both sides notice. It may be made again at once. */
  | (Once & { readonly kind: "break"; readonly between: Pair })
  /** It breaks, and no other can be made meanwhile. */
  | (ForAWhile & { readonly kind: "cut"; readonly between: Pair })
  /** Nothing arrives, and nobody is told; `oneWay`: only from the first node to the second one. */
  | (ForAWhile & { readonly kind: "half-open"; readonly between: Pair; readonly oneWay: boolean })
  /** Nothing arrives until it is over; then everything does, as after a long retransmission of TCP. */
  | (ForAWhile & { readonly kind: "stall"; readonly between: Pair })
  /** Everything takes longer. */
  | (ForAWhile & {
      readonly kind: "delay";
      readonly between: Pair;
      readonly ms: number;
      readonly jitterMs: number;
    })
  /** A share of the messages is lost, which a WebSocket never does: whoever sits in between does. */
  | (ForAWhile & { readonly kind: "lose"; readonly between: Pair; readonly share: number })
  /** One bit of a share of the messages is flipped. */
  | (ForAWhile & { readonly kind: "flip"; readonly between: Pair; readonly share: number });

/** What happens to the channel packets that one node sends, wherever on their way: shares from 0 to 1. */
export interface PacketFault extends ForAWhile {
  readonly kind: "packets";
  readonly node: number;
  readonly lose: number;
  readonly double: number;
  readonly flip: number;
  /** A share is late by up to `lateMs` milliseconds, so that others overtake it. */
  readonly late: number;
  readonly lateMs: number;
}

/** What happens to one node. */
export type NodeFault =
  /**
   * Its process ends without a word: at once, or when it is about to store something (`before-storing`), or has just
   * done so. `silent`: not even its connections are closed, as when the power fails. Without `forMs` it stays away.
   */
  | (Once & {
      readonly kind: "crash";
      readonly node: number;
      readonly when: "now" | "before-storing" | "after-storing";
      readonly silent: boolean;
      readonly forMs?: number;
    })
  /** Its process stands still, then goes on. */
  | (ForAWhile & { readonly kind: "pause"; readonly node: number })
  /** All its timers are late. */
  | (ForAWhile & { readonly kind: "slow"; readonly node: number; readonly ms: number })
  /** Its wall clock jumps. */
  | (Once & { readonly kind: "clock"; readonly node: number; readonly jumpMs: number });

/** What happens to the membership. Who comes gets the next free number. */
export type MemberFault =
  /** A node that is no member dials, with or without the mesh secret, and calls whom it can. */
  | (Once & { readonly kind: "stranger"; readonly near: number; readonly knowsSecret: boolean })
  /** The founder admits a new node, which dials. */
  | (Once & { readonly kind: "join"; readonly near: number })
  /** The founder revokes a node. */
  | (Once & { readonly kind: "revoke"; readonly node: number });

/** One thing that goes wrong. */
export type Fault = LinkFault | PacketFault | NodeFault | MemberFault;
