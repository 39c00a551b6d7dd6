import { type Identity, nodeIdToBytes, signParts } from "@clawmatrix/identity";
import { MembershipEntry, type MembershipEntryInit, SignedEntry } from "@clawmatrix/protocol";
import type { Mesh } from "./mesh.ts";

/** What an entry decides, as it is written. */
export type DecisionInit = NonNullable<MembershipEntryInit["decision"]>;

/** The bytes of a `SignedEntry` by `signer`. `issuedAt` is in milliseconds since 1970. */
export function signEntry(
  mesh: Mesh,
  signer: Identity,
  issuedAt: number,
  decision: DecisionInit,
): Uint8Array {
  const entry = MembershipEntry.encode({
    meshId: mesh.id,
    issuedAtUnixMs: BigInt(Math.max(0, Math.trunc(issuedAt))),
    signer: nodeIdToBytes(signer.nodeId),
    decision,
  });
  const signature = signParts(signer.signing, "clawmatrix membership 1", entry);
  return SignedEntry.encode({ entry, signature });
}
