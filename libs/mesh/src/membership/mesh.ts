import { type MeshSecret, type NodeId, nodeIdFromKeys } from "@clawmatrix/identity";

/** The public halves of a node's two key pairs, 32 bytes each. Its node id follows from them. */
export interface PublicKeys {
  /** Ed25519. */
  readonly signingKey: Uint8Array;
  /** X25519. */
  readonly agreementKey: Uint8Array;
}

/** Which mesh this is: what every chain of signatures has to end at. */
export interface Mesh {
  /** 16 bytes, from the founder's node id and the mesh secret. */
  readonly id: Uint8Array;
  readonly founder: PublicKeys;
  readonly founderId: NodeId;
}

/** The mesh of this secret and this founder. Throws StatusError for keys of a wrong length. */
export function meshOf(secret: MeshSecret, founder: PublicKeys): Mesh {
  const founderId = nodeIdFromKeys(founder.signingKey, founder.agreementKey);
  return {
    id: secret.meshId(founderId),
    founder: {
      signingKey: Uint8Array.from(founder.signingKey),
      agreementKey: Uint8Array.from(founder.agreementKey),
    },
    founderId,
  };
}
