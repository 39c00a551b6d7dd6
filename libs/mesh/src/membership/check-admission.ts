import type { NodeId } from "@clawmatrix/identity";
import { StatusError } from "@clawmatrix/protocol";
import { type AdmissionDecision, type Entry, readEntry } from "./entry.ts";
import type { Membership } from "./membership.ts";
import { verifyEntry } from "./verify-entry.ts";
import type { Voucher } from "./voucher.ts";

/** How far the clock of who takes a newcomer in may be ahead of the inviter's, in milliseconds. */
export const EXPIRY_TOLERANCE_MS = 120_000;

/**
 * Why an admission that a newcomer brings does not let it in: the voucher let in another node; its time is over; its
 * inviter was revoked; its inviter is no operator (any more); or it is no admission of this node to this mesh.
 */
export type AdmissionRefusal = "used" | "expired" | "revoked" | "inviter-not-operator" | "invalid";

export type AdmissionCheck =
  | { readonly valid: true }
  | { readonly valid: false; readonly reason: AdmissionRefusal; readonly message: string };

/**
 * Whether the admission that `node` brings would let it in, seen from a member whose clock shows `now`. This is where the expiry
 * of a voucher meets a clock: once a member has taken an admission in, those who learn of it later do not look at the
 * clock again. Nothing of a stranger's is taken over before this says that it is valid.
 */
export function checkAdmission(
  membership: Membership,
  node: NodeId,
  admission: Uint8Array,
  now: number,
): AdmissionCheck {
  let entry: Entry;
  try {
    entry = readEntry(admission, membership.mesh);
  } catch (error) {
    return refuse("invalid", `the admission cannot be read: ${StatusError.from(error).message}`);
  }
  const { decision } = entry;
  if (decision.kind !== "admission" || decision.node !== node) {
    return refuse("invalid", "what the node brings is no admission of its own");
  }
  return decision.voucher === undefined
    ? checkOperatorsWord(membership, entry)
    : checkVoucher(membership, entry, decision, decision.voucher.voucher, now);
}

function checkOperatorsWord(membership: Membership, entry: Entry): AdmissionCheck {
  if (!membership.isOperator(entry.signer)) {
    return refuse("inviter-not-operator", "the admission is signed by a node that is no operator");
  }
  return checkSignatures(membership, entry);
}

function checkVoucher(
  membership: Membership,
  entry: Entry,
  { node }: AdmissionDecision,
  voucher: Voucher,
  now: number,
): AdmissionCheck {
  if (membership.isRevoked(voucher.inviter)) {
    return refuse("revoked", "the invitation ended when the node that made it was revoked");
  }
  if (!membership.isOperator(voucher.inviter)) {
    return refuse("inviter-not-operator", "the invitation was made by a node that is no operator");
  }
  const user = membership.standing.vouchers.get(voucher.id);
  if (user !== undefined && user !== node) {
    return refuse("used", "the invitation has let in another node, and each lets in one");
  }
  if (entry.issuedAt > voucher.expiresAt || now > voucher.expiresAt + EXPIRY_TOLERANCE_MS) {
    return refuse("expired", `the invitation was good until ${new Date(voucher.expiresAt).toISOString()}`);
  }
  return checkSignatures(membership, entry);
}

function checkSignatures(membership: Membership, entry: Entry): AdmissionCheck {
  if (verifyEntry(entry, membership.keyOf) === "authentic") return { valid: true };
  return refuse("invalid", "the admission's signatures are not right");
}

function refuse(reason: AdmissionRefusal, message: string): AdmissionCheck {
  return { valid: false, reason, message };
}
