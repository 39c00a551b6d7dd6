import type { MeshConfiguration, NodeConfiguration } from "@clawmatrix/config";
import { CloseCode } from "@clawmatrix/protocol";
import type { AdmissionState } from "./admission-seeker.ts";
import type { MeshStack } from "./mesh-stack.ts";

const FOR_GOOD =
  "a revocation is for good: to take this machine in again, give it a new home with `clawmatrix join` and a new invitation";

/** What a person should know about this node's place in its mesh. */
export function standingWarnings({ membership, node }: MeshStack, admission: AdmissionState): string[] {
  const own = membership.isRevoked(node.nodeId) ? membership.member(node.nodeId) : undefined;
  if (own !== undefined) {
    const by = membership.member(own.by)?.name || own.by;
    const reason = own.reason === "" ? "" : ` (${own.reason})`;
    return [
      `this node was revoked by ${by} on ${new Date(own.since).toISOString()}${reason}, and no node of the mesh speaks with it any more; ${FOR_GOOD}`,
    ];
  }
  const refusing = node
    .dialers()
    .filter(({ code, state }) => code === CloseCode.REVOKED && state !== "linked");
  if (refusing.length > 0) {
    const addresses = refusing.map(({ address }) => address).join(", ");
    return [`${addresses} says that this node was revoked by an operator; ${FOR_GOOD}`];
  }
  switch (admission.state) {
    case "pending":
      return [`an operator has to let this node in: ${admission.message}`];
    case "denied":
      return [`an operator has refused to let this node in: ${admission.message}`];
    case "unreachable":
      return [`this node is not let in yet: ${admission.message}`];
    case "admitted":
      return [];
  }
}

/** Rules of the configuration that do less than they seem to. */
export function grantWarnings({
  grants,
  trustedLabels,
}: Pick<NodeConfiguration, "grants" | "trustedLabels">): string[] {
  const labels = grants
    .filter(({ allow }) => allow.length > 0)
    .flatMap(({ to }) => to.filter((subject) => subject.startsWith("label:")));
  return [...new Set(labels)]
    .filter((subject) => !Object.hasOwn(trustedLabels, subject.slice("label:".length)))
    .map(
      (subject) =>
        `the grants to ${subject} allow nothing: a node chooses its own labels, so name those that you mean under [trusted_labels]`,
    );
}

/** An address of wss:// that nothing serves, or the other way round. */
export function addressWarnings({ listen, tls }: MeshConfiguration): string[] {
  return tls !== undefined && listen === undefined
    ? ["[mesh] certificate is set, but not [mesh] listen: nothing is served with it"]
    : [];
}
