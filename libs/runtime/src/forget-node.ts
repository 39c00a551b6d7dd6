import { nodeIdFromBytes } from "@clawmatrix/identity";
import type { MeshNode } from "@clawmatrix/mesh";
import { StatusCode, StatusError } from "@clawmatrix/protocol";

/** No longer shows a node that is away. @throws StatusError NOT_FOUND "unknown-node", FAILED_PRECONDITION "node-is-there". */
export function forgetNode(mesh: MeshNode, id: Uint8Array): void {
  const node = mesh.node(nodeIdFromBytes(id));
  if (node === undefined) {
    throw new StatusError(StatusCode.NOT_FOUND, "this node is not known", { reason: "unknown-node" });
  }
  if (node.reach !== "unreachable") {
    throw new StatusError(
      StatusCode.FAILED_PRECONDITION,
      `${node.record.name} is there; only a node that is away can be forgotten`,
      {
        reason: "node-is-there",
        hint: "To shut a node out for good, revoke it: `clawmatrix members revoke`.",
      },
    );
  }
  mesh.forgetNode(node.id);
}
