import type { Clock, Random } from "@clawmatrix/environment";
import { NODE_ID_BYTES, nodeIdFromBytes } from "@clawmatrix/identity";
import { MAX_PENDING, type OtherNodes } from "@clawmatrix/members";
import { MemberService } from "@clawmatrix/protocol";
import { createClient, overChannel } from "@clawmatrix/rpc";
import type { MeshStack } from "./mesh-stack.ts";

/** Where in the mesh strangers wait, as the records of the nodes say that can be reached. */
export function otherNodes(
  stack: MeshStack,
  calls: { readonly clock: Clock; readonly random: Random },
): OtherNodes {
  const { node, channels } = stack;
  return {
    waiting: () =>
      node
        .nodes()
        .filter(
          ({ reach, record }) => record.waiting.length > 0 && reach !== "self" && reach !== "unreachable",
        )
        .map(({ id, record }) => ({
          node: id,
          waiting: record.waiting
            .slice(0, MAX_PENDING)
            .filter((waiting) => waiting.length === NODE_ID_BYTES)
            .map(nodeIdFromBytes),
        })),
    clientOf: (id) => createClient(MemberService, overChannel(channels, id), calls),
  };
}
