import type { Identity } from "./identity.ts";
import { type NodeId, nodeIdFromKeys } from "./node-id.ts";
import type { HandshakeRole } from "./noise/handshake-state.ts";
import { unauthentic } from "./refusal.ts";
import { signParts, verifyParts } from "./signatures.ts";

/** What the peer of a handshake says of its signing key, and what the handshake itself has shown. */
export interface HelloClaim {
  /** The peer's Ed25519 public key, from its NodeHello. */
  readonly signingKey: Uint8Array;
  /** The peer's X25519 public key: `remoteStaticKey` of the handshake, never a field of a message. */
  readonly agreementKey: Uint8Array;
  /** The peer's role. */
  readonly role: HandshakeRole;
  /** `hash` of the handshake before the message with the NodeHello was read. */
  readonly handshakeHash: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Signs that this node's Ed25519 key and the static key of the handshake are one node's, in this handshake and
 * this role alone. `handshakeHash` is `hash` of the handshake before the message with the NodeHello is written.
 */
export function signHello(identity: Identity, role: HandshakeRole, handshakeHash: Uint8Array): Uint8Array {
  const { signing, agreement } = identity;
  return signParts(signing, "clawmatrix hello 1", roleByte(role), agreement.publicKey, handshakeHash);
}

/** The peer's node id, if the claim holds. Throws StatusError (UNAUTHENTICATED, "identity-not-proved") if not. */
export function checkHello(claim: HelloClaim): NodeId {
  const nodeId = nodeIdFromKeys(claim.signingKey, claim.agreementKey);
  const parts = [roleByte(claim.role), claim.agreementKey, claim.handshakeHash];
  if (!verifyParts(claim.signingKey, "clawmatrix hello 1", claim.signature, ...parts)) {
    throw unauthentic(
      "the peer does not hold the signing key that it names, so its node id is not its own",
      "identity-not-proved",
    );
  }
  return nodeId;
}

function roleByte(role: HandshakeRole): Uint8Array {
  return Uint8Array.of(role === "initiator" ? 0 : 1);
}
