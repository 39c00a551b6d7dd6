import type { NodeConfiguration } from "@clawmatrix/config";
import { isNodeId, type NodeId, parseNodeId } from "@clawmatrix/identity";
import type { MemberRow } from "@clawmatrix/mesh";
import type { CallerDescription } from "./grants.ts";

export interface DescribeCallerOptions {
  /** All rows of the membership, the revoked among them. */
  readonly members: readonly MemberRow[];
  readonly trustedLabels: NodeConfiguration["trustedLabels"];
  /** What a node says of itself. */
  readonly ownLabels: (node: NodeId) => readonly string[];
}

/** What grants go by: the name under which operators know the caller, and who gave it which labels. */
export function describeCaller(nodeId: NodeId, options: DescribeCallerOptions): CallerDescription {
  const { members, trustedLabels, ownLabels } = options;
  const name = members.find(({ id }) => id === nodeId)?.name ?? "";
  const isOnly = members.filter((member) => member.name === name).length === 1;
  const isNamed = (text: string): boolean => {
    const plain = text.replaceAll("-", "").toLowerCase();
    return (isOnly && name !== "" && text === name) || (isNodeId(plain) && parseNodeId(plain) === nodeId);
  };
  return {
    name,
    isOnly,
    trustedLabels: Object.entries(trustedLabels).flatMap(([label, nodes]) =>
      nodes.some(isNamed) ? [label] : [],
    ),
    ownLabels: ownLabels(nodeId),
  };
}
