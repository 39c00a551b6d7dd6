import { hash } from "node:crypto";
import { deriveKey } from "../key-derivation.ts";
import { SEAL_KEY_BYTES } from "../sealing.ts";
import { CipherState } from "./cipher-state.ts";

const HASH_BYTES = 32;
const NOTHING = new Uint8Array(0);

/** Noise's SymmetricState: the chaining key and the hash over all that both sides have said so far. */
export class SymmetricState {
  #chainingKey: Uint8Array;
  #hash: Uint8Array;
  /** Undefined until the first key is mixed in; until then messages are in the clear. */
  #cipher: CipherState | undefined;

  constructor(protocolName: string) {
    const name = Buffer.from(protocolName, "latin1");
    this.#hash =
      name.length <= HASH_BYTES ? Buffer.concat([name], HASH_BYTES) : hash("sha256", name, "buffer");
    this.#chainingKey = this.#hash;
  }

  /** A copy of the hash. */
  get hash(): Uint8Array {
    return Uint8Array.from(this.#hash);
  }

  /** Whether messages are encrypted by now. */
  get hasKey(): boolean {
    return this.#cipher !== undefined;
  }

  mixHash(data: Uint8Array): void {
    this.#hash = hash("sha256", Buffer.concat([this.#hash, data]), "buffer");
  }

  mixKey(material: Uint8Array): void {
    const [chainingKey, key] = this.#derive(material, 2);
    this.#chainingKey = chainingKey as Uint8Array;
    this.#cipher = new CipherState(key as Uint8Array);
  }

  mixKeyAndHash(material: Uint8Array): void {
    const [chainingKey, addition, key] = this.#derive(material, 3);
    this.#chainingKey = chainingKey as Uint8Array;
    this.mixHash(addition as Uint8Array);
    this.#cipher = new CipherState(key as Uint8Array);
  }

  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const ciphertext = this.#cipher?.seal(plaintext, this.#hash) ?? plaintext;
    this.mixHash(ciphertext);
    return ciphertext;
  }

  /** Throws StatusError (UNAUTHENTICATED) if the bytes are not those of the other side. */
  decryptAndHash(ciphertext: Uint8Array): Uint8Array {
    const plaintext = this.#cipher?.open(ciphertext, this.#hash) ?? ciphertext;
    this.mixHash(ciphertext);
    return plaintext;
  }

  /** The two keys of the connection: the initiator seals with the first, the responder with the second. */
  split(): [Uint8Array, Uint8Array] {
    return this.#derive(NOTHING, 2) as [Uint8Array, Uint8Array];
  }

  /** Noise's HKDF is RFC 5869's with the chaining key as salt and no info. */
  #derive(material: Uint8Array, count: 2 | 3): Uint8Array[] {
    const bytes = deriveKey(material, this.#chainingKey, "", count * SEAL_KEY_BYTES);
    return Array.from({ length: count }, (_, i) => bytes.slice(i * SEAL_KEY_BYTES, (i + 1) * SEAL_KEY_BYTES));
  }
}
