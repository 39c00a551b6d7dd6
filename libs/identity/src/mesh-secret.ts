import { createHash } from "node:crypto";
import type { Random } from "@clawmatrix/environment";
import { deriveKey } from "./key-derivation.ts";
import { type NodeId, nodeIdToBytes } from "./node-id.ts";
import { requireLength } from "./refusal.ts";

/** Bytes of a mesh secret, and of the keys that come of it. */
export const MESH_SECRET_BYTES = 32;
/** Bytes of a mesh id. */
export const MESH_ID_BYTES = 16;

const NO_SALT = new Uint8Array(0);

/** What all nodes of a mesh know and nobody else does. It shows up nowhere but in `reveal`. */
export class MeshSecret {
  readonly #bytes: Uint8Array;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  static generate(random: Random): MeshSecret {
    return MeshSecret.fromBytes(random.bytes(MESH_SECRET_BYTES));
  }

  /** Throws StatusError for another length than 32. */
  static fromBytes(bytes: Uint8Array): MeshSecret {
    requireLength("a mesh secret", bytes, MESH_SECRET_BYTES);
    return new MeshSecret(Uint8Array.from(bytes));
  }

  /** The psk (32 bytes) of link handshakes. */
  linkPsk(): Uint8Array {
    return this.#derive("clawmatrix link psk 1");
  }

  /** The psk (32 bytes) of channel handshakes. */
  channelPsk(): Uint8Array {
    return this.#derive("clawmatrix channel psk 1");
  }

  /** Names the mesh without giving the secret away: 16 bytes, different for another founder or secret. */
  meshId(founder: NodeId): Uint8Array {
    const secretHash = createHash("sha256").update(this.#bytes).digest();
    const digest = createHash("sha256")
      .update("clawmatrix mesh 1", "latin1")
      .update(nodeIdToBytes(founder))
      .update(secretHash)
      .digest();
    return Uint8Array.from(digest.subarray(0, MESH_ID_BYTES));
  }

  /** A copy of the secret, for where it is kept and for invitations. */
  reveal(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  toJSON(): string {
    return "[mesh secret]";
  }

  #derive(info: string): Uint8Array {
    return deriveKey(this.#bytes, NO_SALT, info, MESH_SECRET_BYTES);
  }
}
