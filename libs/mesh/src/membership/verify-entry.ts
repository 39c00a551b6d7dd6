import { type NodeId, type VerifyingKey, verifyParts } from "@clawmatrix/identity";
import type { Entry } from "./entry.ts";
import { isSignedByInviter, isVoucherUse } from "./voucher.ts";

/** What the signatures of an entry say. "unknown-signer": the key of its operator has not come by yet. */
export type Authenticity = "authentic" | "forged" | "unknown-signer" | "expired-voucher";

/**
 * Checks every signature of an entry; whether its operator is one is another question. `keyOf` gives the signing
 * key of a node, where it is known.
 *
 * Of an admission by voucher also: the expiry lies not before the time at which the node says it signed. (A node can
 * say what it likes; who takes in a newcomer compares with its own clock, see `checkAdmission`.)
 */
export function verifyEntry(
  entry: Entry,
  keyOf: (node: NodeId) => Uint8Array | VerifyingKey | undefined,
): Authenticity {
  const operatorKey = keyOf(entry.operator);
  if (operatorKey === undefined) return "unknown-signer";
  const { decision } = entry;
  if (decision.kind !== "admission" || decision.voucher === undefined) {
    return isSigned(entry, operatorKey) ? "authentic" : "forged";
  }
  const { voucher, proof } = decision.voucher;
  if (entry.issuedAt > voucher.expiresAt) return "expired-voucher";
  const authentic =
    isSigned(entry, decision.keys.signingKey) &&
    isVoucherUse(voucher, proof, decision.node) &&
    isSignedByInviter(voucher, operatorKey);
  return authentic ? "authentic" : "forged";
}

function isSigned(entry: Entry, key: Uint8Array | VerifyingKey): boolean {
  return verifyParts(key, "clawmatrix membership 1", entry.signature, entry.body);
}
