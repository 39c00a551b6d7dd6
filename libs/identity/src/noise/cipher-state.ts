import { createSecretKey, type KeyObject } from "node:crypto";
import { requireLength, unauthentic } from "../refusal.ts";
import { HIGHEST_SEAL_COUNTER, nextKey, open, SEAL_KEY_BYTES, SEAL_TAG_BYTES, sealInto } from "../sealing.ts";

/** The tag, and nothing else, is added to what is sealed. */
const NOTHING = new Uint8Array(0);

/**
 * Noise's CipherState: a key and the counter of what was sealed, or opened, with it. One direction of a
 * connection that keeps order; where packets may be lost or overtake each other, use `sealInto` and `open`
 * with the packet's own counter.
 */
export class CipherState {
  #key: Uint8Array;
  /** The same key, as Node's ciphers take it fastest. */
  #keyObject: KeyObject;
  #counter = 0;

  /** Throws StatusError for a key that has not 32 bytes. */
  constructor(key: Uint8Array) {
    requireLength("a sealing key", key, SEAL_KEY_BYTES);
    this.#key = key;
    this.#keyObject = createSecretKey(key);
  }

  /** The counter of the next message. */
  get counter(): number {
    return this.#counter;
  }

  /** No more messages may go under this key: `rekey` does not reset the counter, the connection has to end. */
  get isExhausted(): boolean {
    return this.#counter > HIGHEST_SEAL_COUNTER;
  }

  /** Seals the next message into `out`; returns the bytes written (16 more than `plaintext`). See `sealInto`. */
  sealInto(associated: Uint8Array, plaintext: Uint8Array, out: Uint8Array, outOffset = 0): number {
    const written = sealInto(this.#keyObject, this.#counter, associated, plaintext, out, outOffset);
    this.#counter++;
    return written;
  }

  /** As `sealInto`, into new memory. */
  seal(plaintext: Uint8Array, associated: Uint8Array = NOTHING): Uint8Array {
    const out = Buffer.allocUnsafe(plaintext.length + SEAL_TAG_BYTES);
    this.sealInto(associated, plaintext, out);
    return out;
  }

  /** Opens the next message. Throws StatusError (UNAUTHENTICATED, "not-authentic") if it is not intact and the next. */
  open(sealed: Uint8Array, associated: Uint8Array = NOTHING): Uint8Array {
    const plaintext = open(this.#keyObject, this.#counter, associated, sealed);
    if (plaintext === undefined) throw unauthentic("a sealed message does not open", "not-authentic");
    this.#counter++;
    return plaintext;
  }

  /** Goes on under the next key (both sides at the same message); the counter runs on. */
  rekey(): void {
    this.#key = nextKey(this.#key);
    this.#keyObject = createSecretKey(this.#key);
  }

  toJSON(): string {
    return "[secret cipher state]";
  }
}
