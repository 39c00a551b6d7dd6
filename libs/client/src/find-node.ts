import { formatNodeId, matchesNodeIdPrefix, type NodeId, nodeIdFromBytes } from "@clawmatrix/identity";
import { type MeshStatus, NodeReach, type NodeStatus, StatusCode, StatusError } from "@clawmatrix/protocol";

/** A node that a person named. */
export interface FoundNode {
  readonly id: NodeId;
  readonly name: string;
  /** What the local node knows of it; undefined for the local node itself. */
  readonly status: NodeStatus | undefined;
}

/**
 * The node that `text` means: a name, or the beginning of an id. Two nodes of one name are never mixed up: then only
 * the id will do.
 * @throws StatusError NOT_FOUND "unknown-node", or INVALID_ARGUMENT "ambiguous-node" naming the choices.
 */
export function findNode(status: MeshStatus, text: string): FoundNode {
  const all = nodesOf(status);
  const named = all.filter(({ name }) => name === text);
  const found = named.length > 0 ? named : all.filter(({ id }) => matchesNodeIdPrefix(id, text));
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    throw new StatusError(StatusCode.NOT_FOUND, `there is no node "${text}" in the mesh`, {
      reason: "unknown-node",
      hint: `Nodes known here: ${all.map(({ name }) => name).join(", ")}. See \`clawmatrix nodes\`.`,
    });
  }
  const choices = found.map(({ name, id }) => `${name} is ${shortNodeId(id)}…`).join(", ");
  throw new StatusError(StatusCode.INVALID_ARGUMENT, `"${text}" can mean ${found.length} nodes: ${choices}`, {
    reason: "ambiguous-node",
    hint: "Say which one by the beginning of its id.",
  });
}

/** All nodes that the local one knows, itself first. */
export function nodesOf(status: MeshStatus): FoundNode[] {
  return [
    { id: nodeIdFromBytes(status.id), name: status.name, status: undefined },
    ...status.nodes.map((node) => ({ id: nodeIdFromBytes(node.id), name: node.name, status: node })),
  ];
}

/** Whether calls can be made to the node now. */
export function isReachable({ status }: FoundNode): boolean {
  return status === undefined || status.reach === NodeReach.DIRECT || status.reach === NodeReach.RELAYED;
}

/** The beginning of a node id, enough to tell nodes apart by eye: two groups. */
export function shortNodeId(id: NodeId): string {
  return formatNodeId(id).slice(0, 9);
}
