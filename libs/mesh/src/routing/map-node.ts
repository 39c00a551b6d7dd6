import { NODE_ID_BYTES, type NodeId, nodeIdFromBytes } from "@clawmatrix/identity";
import type { NodeRecord } from "@clawmatrix/protocol";
import type { MapNode } from "./mesh-map.ts";

/** What routing needs of a node's record. Links with what is no node id are left out. */
export function mapNode(record: NodeRecord): MapNode {
  const links = new Map<NodeId, number>();
  for (const { peer, costUs } of record.links) {
    if (peer.length === NODE_ID_BYTES) links.set(nodeIdFromBytes(peer), costUs);
  }
  return { relays: record.relays, links };
}
