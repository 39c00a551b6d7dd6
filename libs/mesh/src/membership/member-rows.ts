import type { NodeId } from "@clawmatrix/identity";
import type { Entry } from "./entry.ts";
import type { Standing } from "./standing.ts";

/** A node that belongs to the mesh, or did. */
export interface MemberRow {
  readonly id: NodeId;
  /** The name under which it came in; what it calls itself now is in its record. May be empty. */
  readonly name: string;
  readonly role: "founder" | "operator" | "member";
  readonly state: "admitted" | "revoked";
  /** When it came into this state, in milliseconds since 1970, by the clock of who decided. */
  readonly since: number;
  /** Who decided; for an invitation, who invited. */
  readonly by: NodeId;
  /** Why it was revoked; empty otherwise. */
  readonly reason: string;
}

/** The rows of everybody in `standing`: the founder first, then by time. */
export function memberRows(founder: NodeId, standing: Standing, entries: Iterable<Entry>): MemberRow[] {
  const names = latestNames(entries);
  const rows: MemberRow[] = [];
  for (const [id, { since, by }] of standing.members) {
    const role = id === founder ? "founder" : standing.operators.has(id) ? "operator" : "member";
    rows.push({ id, name: names.get(id)?.name ?? "", role, state: "admitted", since, by, reason: "" });
  }
  for (const [id, { issuedAt: since, signer: by, decision }] of standing.revoked) {
    const reason = decision.kind === "revocation" ? decision.reason : "";
    rows.push({ id, name: names.get(id)?.name ?? "", role: "member", state: "revoked", since, by, reason });
  }
  return rows.sort((a, b) => rank(a) - rank(b) || a.since - b.since || (a.id < b.id ? -1 : 1));
}

function rank({ role }: MemberRow): number {
  return role === "founder" ? 0 : 1;
}

interface Naming {
  readonly name: string;
  readonly entry: Entry;
}

/** Of several admissions of a node, the last one names it. */
function latestNames(entries: Iterable<Entry>): Map<NodeId, Naming> {
  const names = new Map<NodeId, Naming>();
  for (const entry of entries) {
    const { decision } = entry;
    if (decision.kind !== "founding" && decision.kind !== "admission") continue;
    const node = decision.kind === "founding" ? entry.signer : decision.node;
    const held = names.get(node)?.entry;
    const later =
      held === undefined ||
      entry.issuedAt > held.issuedAt ||
      (entry.issuedAt === held.issuedAt && entry.id < held.id);
    if (later) names.set(node, { name: decision.name, entry });
  }
  return names;
}
