import type { NodeId } from "@clawmatrix/identity";
import { nodeIdToBytes } from "@clawmatrix/identity";
import { MeshStatus, type MeshStatusInit, NodeReach, type NodeStatusInit } from "@clawmatrix/protocol";

/** A node id that begins with these letters. */
export function idLike(beginning: string): NodeId {
  return `${beginning.padEnd(25, "a")}a` as NodeId;
}

/** Another node, as the local one sees it. */
export function other(name: string, id: NodeId, rest: Partial<NodeStatusInit> = {}): NodeStatusInit {
  return { id: nodeIdToBytes(id), name, reach: NodeReach.DIRECT, hops: 1, ...rest };
}

/** What the node "here" knows of the mesh. */
export function statusOf(nodes: NodeStatusInit[], rest: Partial<MeshStatusInit> = {}): MeshStatus {
  const init: MeshStatusInit = { id: nodeIdToBytes(idLike("here")), name: "here", nodes, ...rest };
  return MeshStatus.decode(MeshStatus.encode(init));
}
