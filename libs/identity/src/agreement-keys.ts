import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from "node:crypto";
import type { Random } from "@clawmatrix/environment";
import { malformed, requireLength } from "./refusal.ts";

/** Bytes of an X25519 key, public or secret, and of what two of them agree on. */
export const AGREEMENT_KEY_BYTES = 32;

/** What DER (PKCS #8, RFC 8410) puts before the secret key. */
const PRIVATE_PREFIX = Buffer.from("302e020100300506032b656e04220420", "hex");
/** What DER (SPKI, RFC 8410) puts before the public key. */
const PUBLIC_PREFIX = Buffer.from("302a300506032b656e032100", "hex");

/**
 * An X25519 key pair, in NaCl's raw formats. node:crypto computes on the same bytes as tweetnacl, which tests
 * hold it to: each handshake makes a new pair and agrees three times, so it counts. The secret shows up nowhere
 * but in `revealSecret`.
 */
export class AgreementKeys {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly #secret: Uint8Array;
  readonly #key: KeyObject;

  private constructor(secret: Uint8Array) {
    this.#secret = secret;
    const der = Buffer.concat([PRIVATE_PREFIX, secret]);
    this.#key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    const spki = createPublicKey(this.#key).export({ format: "der", type: "spki" });
    this.publicKey = Uint8Array.from(spki.subarray(PUBLIC_PREFIX.length));
  }

  static generate(random: Random): AgreementKeys {
    return AgreementKeys.fromSecret(random.bytes(AGREEMENT_KEY_BYTES));
  }

  /** The pair of a 32-byte secret key. Throws StatusError for another length. */
  static fromSecret(secret: Uint8Array): AgreementKeys {
    requireLength("an X25519 secret key", secret, AGREEMENT_KEY_BYTES);
    return new AgreementKeys(Uint8Array.from(secret));
  }

  /**
   * The 32 bytes that only the two holders of the secrets can compute: key material, to be hashed before use.
   * Throws StatusError for a public key of a wrong length, or of small order (it would agree on zeros).
   */
  agree(publicKey: Uint8Array): Uint8Array {
    requireLength("an X25519 public key", publicKey, AGREEMENT_KEY_BYTES);
    const key = createPublicKey({
      key: Buffer.concat([PUBLIC_PREFIX, publicKey]),
      format: "der",
      type: "spki",
    });
    let shared: Uint8Array;
    try {
      shared = diffieHellman({ privateKey: this.#key, publicKey: key });
    } catch (cause) {
      throw malformed("the peer's X25519 key is of small order: no secret comes of it", "weak-key", {
        cause,
      });
    }
    // OpenSSL refuses these itself; that must not hang on how it was built.
    if (shared.every((byte) => byte === 0)) {
      throw malformed("the peer's X25519 key is of small order: no secret comes of it", "weak-key");
    }
    return shared;
  }

  /** A copy of the secret, for where it is kept. */
  revealSecret(): Uint8Array {
    return Uint8Array.from(this.#secret);
  }

  toJSON(): string {
    return "[secret X25519 keys]";
  }
}
