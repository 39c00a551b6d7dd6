import { type NodeId, nodeIdToBytes } from "@clawmatrix/identity";
import type { AdmissionDecision, AppointmentDecision, Entry } from "./entry.ts";

/** How a node came to belong: the entry that counts, and whose word it is. */
interface Belonging {
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly by: NodeId;
}

/** Who is what, as it follows from a set of entries and from nothing else. */
export interface Standing {
  /** Everybody who belongs, operators and the founder included. */
  readonly members: ReadonlyMap<NodeId, Belonging>;
  /** The operators with their seniority: 0 is the founder, a lower number is senior to a higher one. */
  readonly operators: ReadonlyMap<NodeId, number>;
  /** The revocation that holds, by node. */
  readonly revoked: ReadonlyMap<NodeId, Entry>;
  /** The word that holds on whether a node is an operator, by node. */
  readonly appointments: ReadonlyMap<NodeId, Entry>;
  /** Which node a voucher was used for, by the voucher's id. */
  readonly vouchers: ReadonlyMap<string, NodeId>;
}

/**
 * Works out who belongs, from entries whose signatures are verified, in whatever order they are given.
 *
 * The rules:
 * 1. An entry counts if, and only if, the operator whose word it is (its signer; for an admission by voucher, the inviter)
 *    is an operator by these rules. No time enters into it: an operator that was revoked cannot save itself by writing
 *    an earlier date. What it decided while it was trusted stays only because who revokes it takes that over,
 *    signed anew (see `takeOver`).
 * 2. Operators have a seniority. The founder is first, for good: nobody can revoke it or take its office. Then come, for each
 *    operator in this order, the ones that it appointed, by time of appointment (set by who appoints, not by who is
 *    appointed), then by node id.
 * 3. On whether a node is an operator, the most senior operator who said anything decides; of what one operator said, the
 *    last; said at the same time, the no.
 * 4. An operator can revoke everybody but its seniors. So two operators that revoke each other do not both go: the senior one stays.
 * 5. A revocation that counts wins over every admission and appointment of the same keys, whenever they were issued.
 * 6. A voucher lets in one node: the one whose admission has the lowest time, then the lowest node id. It stays used
 *    when that node is revoked.
 * 7. A member is who was admitted by an entry that counts, or is an operator, and is not revoked.
 */
export function evaluate(founder: NodeId, entries: Iterable<Entry>): Standing {
  const words = new WordsByOperator(entries);
  const operators = new Map<NodeId, number>();
  const revoked = new Map<NodeId, Entry>();
  const appointments = new Map<NodeId, Entry>();
  // The queue is in order of seniority: whoever is reached before a revocation by a senior stays.
  const queue: NodeId[] = [founder];
  for (const operator of queue) {
    if (revoked.has(operator)) continue;
    operators.set(operator, operators.size);
    for (const entry of words.revocations(operator)) {
      const { node } = entry.decision as { node: NodeId };
      if (operators.has(node)) continue;
      const held = revoked.get(node);
      if (held === undefined || (held.signer === operator && isBefore(entry, held))) revoked.set(node, entry);
    }
    for (const [node, entry] of words.lastAppointments(operator)) {
      if (node === founder || appointments.has(node)) continue;
      appointments.set(node, entry);
      if ((entry.decision as AppointmentDecision).operator) queue.push(node);
    }
  }
  const vouchers = words.voucherUses();
  const members = new Map<NodeId, Belonging>();
  members.set(founder, words.founding(founder));
  for (const operator of operators.keys()) {
    for (const entry of words.admissions(operator)) {
      const { node, voucher } = entry.decision as AdmissionDecision;
      if (node === founder || revoked.has(node)) continue;
      if (voucher !== undefined && vouchers.get(voucher.voucher.id) !== node) continue;
      const held = members.get(node);
      if (held === undefined || entry.issuedAt < held.since) {
        members.set(node, { since: entry.issuedAt, by: operator });
      }
    }
  }
  for (const operator of operators.keys()) {
    const appointment = appointments.get(operator);
    if (appointment === undefined || members.has(operator)) continue;
    members.set(operator, { since: appointment.issuedAt, by: appointment.signer });
  }
  return { members, operators, revoked, appointments, vouchers };
}

/** The entries sorted by whose word they are, and by what they decide. */
class WordsByOperator {
  readonly #words = new Map<NodeId, Entry[]>();
  readonly #all: Entry[] = [];

  constructor(entries: Iterable<Entry>) {
    for (const entry of entries) {
      this.#all.push(entry);
      const words = this.#words.get(entry.operator);
      if (words === undefined) this.#words.set(entry.operator, [entry]);
      else words.push(entry);
    }
  }

  revocations(operator: NodeId): readonly Entry[] {
    return this.#of(operator, "revocation");
  }

  admissions(operator: NodeId): readonly Entry[] {
    return this.#of(operator, "admission");
  }

  founding(founder: NodeId): Belonging {
    const since = this.#of(founder, "founding").map(({ issuedAt }) => issuedAt);
    return { since: since.length === 0 ? 0 : since.reduce((a, b) => Math.min(a, b)), by: founder };
  }

  /** The operator's last word on each node, in the order in which it gives seniority. */
  lastAppointments(operator: NodeId): readonly (readonly [NodeId, Entry])[] {
    const last = new Map<NodeId, Entry>();
    for (const entry of this.#of(operator, "appointment")) {
      const { node } = entry.decision as AppointmentDecision;
      const held = last.get(node);
      if (held === undefined || isLaterWord(entry, held)) last.set(node, entry);
    }
    return [...last].sort(([a, one], [b, other]) => one.issuedAt - other.issuedAt || compareNodeIds(a, b));
  }

  voucherUses(): Map<string, NodeId> {
    const first = new Map<string, Entry>();
    for (const entry of this.#all) {
      if (entry.decision.kind !== "admission" || entry.decision.voucher === undefined) continue;
      const { id } = entry.decision.voucher.voucher;
      const held = first.get(id);
      if (held === undefined || isEarlierUse(entry, held)) first.set(id, entry);
    }
    return new Map([...first].map(([id, entry]) => [id, entry.signer]));
  }

  #of(operator: NodeId, kind: Entry["decision"]["kind"]): readonly Entry[] {
    return (this.#words.get(operator) ?? []).filter(({ decision }) => decision.kind === kind);
  }
}

function isLaterWord(entry: Entry, held: Entry): boolean {
  if (entry.issuedAt !== held.issuedAt) return entry.issuedAt > held.issuedAt;
  const [yes, was] = [entry, held].map(({ decision }) => (decision as AppointmentDecision).operator);
  return yes === was ? entry.id < held.id : was === true;
}

function isEarlierUse(entry: Entry, held: Entry): boolean {
  const order = entry.issuedAt - held.issuedAt || compareNodeIds(entry.signer, held.signer);
  return order < 0;
}

function isBefore(entry: Entry, held: Entry): boolean {
  return entry.issuedAt - held.issuedAt < 0 || (entry.issuedAt === held.issuedAt && entry.id < held.id);
}

/** By their bytes, which is not the order of the characters of base32. */
function compareNodeIds(a: NodeId, b: NodeId): number {
  return Buffer.compare(nodeIdToBytes(a), nodeIdToBytes(b));
}
