import type { Random } from "@clawmatrix/environment";

/** Bytes of a call id. */
export const CALL_ID_BYTES = 16;
/** Ids drawn at once: asking the system for randomness costs more than all else that opens a call. */
const IDS_AT_ONCE = 256;

/** Draws the identities of new requests. */
export class CallIds {
  readonly #random: Random;
  #drawn: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): Uint8Array {
    if (this.#at === this.#drawn.length) {
      this.#drawn = this.#random.bytes(CALL_ID_BYTES * IDS_AT_ONCE);
      this.#at = 0;
    }
    this.#at += CALL_ID_BYTES;
    return this.#drawn.subarray(this.#at - CALL_ID_BYTES, this.#at);
  }
}
