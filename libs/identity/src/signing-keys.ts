import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import type { Random } from "@clawmatrix/environment";
import nacl from "tweetnacl";
import { requireLength } from "./refusal.ts";

/** Bytes of an Ed25519 public key, and of the seed that is the secret one. */
export const SIGNING_KEY_BYTES = 32;
/** Bytes of an Ed25519 signature. */
export const SIGNATURE_BYTES = 64;

/** What DER (PKCS #8, RFC 8410) puts before the seed. */
const PRIVATE_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
/** What DER (SPKI, RFC 8410) puts before the public key. */
const PUBLIC_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/**
 * An Ed25519 key pair, in NaCl's raw formats: tweetnacl makes the keys, node:crypto signs with the same bytes
 * (some 50 times as fast). The secret shows up nowhere but in `revealSeed`.
 */
export class SigningKeys {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly #seed: Uint8Array;
  readonly #key: KeyObject;

  private constructor(seed: Uint8Array) {
    this.publicKey = nacl.sign.keyPair.fromSeed(seed).publicKey;
    this.#seed = seed;
    const der = Buffer.concat([PRIVATE_PREFIX, seed]);
    this.#key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  }

  static generate(random: Random): SigningKeys {
    return SigningKeys.fromSeed(random.bytes(SIGNING_KEY_BYTES));
  }

  /** The pair of a 32-byte seed (the first half of NaCl's 64-byte secret key). Throws StatusError for another length. */
  static fromSeed(seed: Uint8Array): SigningKeys {
    requireLength("an Ed25519 seed", seed, SIGNING_KEY_BYTES);
    return new SigningKeys(Uint8Array.from(seed));
  }

  /** The 64 bytes of the signature over `message`. */
  sign(message: Uint8Array): Uint8Array {
    return sign(null, message, this.#key);
  }

  /** A copy of the secret, for where it is kept. */
  revealSeed(): Uint8Array {
    return Uint8Array.from(this.#seed);
  }

  toJSON(): string {
    return "[secret Ed25519 keys]";
  }
}

/** An Ed25519 public key that checks many signatures: keeps what node:crypto makes of it. */
export class VerifyingKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly #key: KeyObject;

  /** Throws StatusError for another length than 32. */
  constructor(publicKey: Uint8Array) {
    requireLength("an Ed25519 public key", publicKey, SIGNING_KEY_BYTES);
    this.publicKey = Uint8Array.from(publicKey);
    const der = Buffer.concat([PUBLIC_PREFIX, publicKey]);
    this.#key = createPublicKey({ key: der, format: "der", type: "spki" });
  }

  /** Whether `signature` is this key's over `message`. Never throws: signatures of a wrong length are just not. */
  verify(message: Uint8Array, signature: Uint8Array): boolean {
    return signature.length === SIGNATURE_BYTES && verify(null, message, this.#key, signature);
  }
}
