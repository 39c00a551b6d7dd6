import type { Clock, Logger, Random } from "@clawmatrix/environment";
import type { Identity, MeshSecret, NodeId } from "@clawmatrix/identity";
import type { OwnDescription } from "./gossip/own-record.ts";
import type { KeptRecord, RecordReader } from "./gossip/signed-record.ts";
import type { LinkLimits } from "./link/link-layer.ts";
import type { Turn } from "./link/turn.ts";
import type { MembershipView } from "./membership-view.ts";
import type { BatchBuffers } from "./packet/batch-buffers.ts";
import type { ListenAddress, Transport } from "./transport/transport.ts";

export interface MeshNodeOptions {
  readonly identity: Identity;
  readonly meshSecret: MeshSecret;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly transport: Transport;
  readonly membership: MembershipView;
  /** What the node says of itself from the start; the rest is empty, and `updateOwn` changes it. */
  readonly description: Pick<OwnDescription, "name" | "softwareVersion"> & Partial<OwnDescription>;
  /** 16 random bytes, new at every start, the same for links and channels. Default: made here. */
  readonly bootId?: Uint8Array | undefined;
  /** Where links are accepted. Default: nowhere. */
  readonly listen?: ListenAddress | undefined;
  /** Addresses that are dialled, for as long as it takes. */
  readonly peers?: readonly string[] | undefined;
  /** How often each link is told that it lives, in ms; what misses three is closed. Default: 10 s. */
  readonly heartbeatMs?: number | undefined;
  /** The `SignedRecord`s that were kept, as `onRecord` gave them; this node's own among them, for its version. */
  readonly records?: Iterable<Uint8Array> | undefined;
  /** The highest version that this node's record ever had, where that is known better than from `records`. */
  readonly ownVersion?: bigint | undefined;
  /** A record to be kept in the store, this node's own too. */
  readonly onRecord?: ((record: KeptRecord) => void) | undefined;
  /** A node is no member any more: its record need not be kept. */
  readonly onForgotten?: ((node: NodeId) => void) | undefined;
  /** When packets that were sent in one turn leave. Default: after the sockets of this turn have been read. */
  readonly turn?: Turn | undefined;
  /** Memory of batches. Several nodes in one process may use one. Default: its own. */
  readonly buffers?: BatchBuffers | undefined;
  /** Reads other nodes' records. Several nodes in one process may use one that remembers. Default: reads each as it comes. */
  readonly readRecord?: RecordReader | undefined;
  readonly limits?: Partial<LinkLimits> | undefined;
}
