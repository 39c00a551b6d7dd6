import type { RouteSource } from "@clawmatrix/diagnostics";
import type { Clock, Random } from "@clawmatrix/environment";
import { formatNodeId, type NodeId } from "@clawmatrix/identity";
import { DiagnosticService, StatusCode, StatusError } from "@clawmatrix/protocol";
import { createClient, overChannel } from "@clawmatrix/rpc";
import type { MeshStack } from "./mesh-stack.ts";

/** The routes of this node, and the way to ask others for theirs. */
export function meshRoutes(
  stack: MeshStack,
  calls: { readonly clock: Clock; readonly random: Random },
): RouteSource {
  const { node } = stack;
  return {
    self: node.nodeId,
    nextHop(destination) {
      const found = node.node(destination);
      if (found !== undefined) return found.via;
      throw new StatusError(
        StatusCode.NOT_FOUND,
        `there is no node ${formatNodeId(destination)} in the mesh`,
        {
          reason: "unknown-node",
          hint: "`clawmatrix nodes` lists those that are known",
        },
      );
    },
    whyUnreachable: (destination) => node.node(destination)?.why ?? "",
    nameOf: (id: NodeId) => node.node(id)?.record.name ?? formatNodeId(id),
    clientOf: (id) => createClient(DiagnosticService, overChannel(stack.channels, id), calls),
  };
}
