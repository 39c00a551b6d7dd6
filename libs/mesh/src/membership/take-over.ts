import type { Identity, NodeId } from "@clawmatrix/identity";
import { nodeIdToBytes } from "@clawmatrix/identity";
import type { Entry } from "./entry.ts";
import type { Membership } from "./membership.ts";
import { type DecisionInit, signEntry } from "./sign-entry.ts";

/**
 * What `operator` decided and what still counts, signed anew by `successor` with the same times: what stays when the
 * operator's own word ceases to count. Its unused vouchers end; what it decided without the successor knowing, falls.
 */
export function takeOver(membership: Membership, successor: Identity, operator: NodeId): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (const entry of membership.decisions()) {
    if (entry.operator !== operator || !counts(membership, entry)) continue;
    const decision = restate(entry);
    if (decision !== undefined) entries.push(signEntry(membership.mesh, successor, entry.issuedAt, decision));
  }
  return entries;
}

/** Whether `entry`, of an operator, is what makes its node what it is. */
function counts(membership: Membership, entry: Entry): boolean {
  const { members, revoked, appointments, vouchers } = membership.standing;
  const { decision } = entry;
  switch (decision.kind) {
    case "admission":
      if (decision.node === entry.operator || !members.has(decision.node)) return false;
      return decision.voucher === undefined || vouchers.get(decision.voucher.voucher.id) === decision.node;
    case "revocation":
      return revoked.get(decision.node) === entry;
    case "appointment":
      return appointments.get(decision.node) === entry && members.has(decision.node);
    default:
      return false;
  }
}

function restate({ decision }: Entry): DecisionInit | undefined {
  switch (decision.kind) {
    case "admission":
      return { case: "admission", value: { node: decision.keys, name: decision.name } };
    case "revocation":
      return { case: "revocation", value: { node: nodeIdToBytes(decision.node), reason: decision.reason } };
    case "appointment":
      return {
        case: "appointment",
        value: { node: nodeIdToBytes(decision.node), operator: decision.operator },
      };
    default:
      return undefined;
  }
}
