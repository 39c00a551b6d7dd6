import { type Random, systemRandom } from "@clawmatrix/environment";

/** A secret word per character of a key; longer keys are hashed in blocks of this length. */
const WORDS = 64;

/**
 * Hashes strings to 32 bits. Keys may come from hostile peers, so the hash is multilinear over secret random
 * words (its top bits strongly universal for keys up to 64 characters): who does not know the words cannot
 * choose keys that collide.
 */
export class KeyHash {
  readonly #words: Int32Array;
  /** The key hashed last: who notes a key has mostly just looked it up, or does so next. */
  #lastKey = "";
  #lastHash = 0;

  constructor(random: Random = systemRandom) {
    const bytes = random.bytes(4 * WORDS);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#words = Int32Array.from({ length: WORDS }, (_, i) => view.getInt32(4 * i));
  }

  of(key: string): number {
    if (key === this.#lastKey && key !== "") return this.#lastHash;
    this.#lastKey = key;
    this.#lastHash = this.#hash(key);
    return this.#lastHash;
  }

  #hash(key: string): number {
    const words = this.#words;
    const length = key.length;
    let sum = Math.imul(length + 1, 0x9e3779b1);
    if (length <= WORDS) {
      let i = 0;
      // Two characters a turn: the only loop that every operation of every map goes through.
      for (; i + 1 < length; i += 2) {
        const pair =
          Math.imul(words[i] as number, key.charCodeAt(i)) +
          Math.imul(words[i + 1] as number, key.charCodeAt(i + 1));
        sum = (sum + pair) | 0;
      }
      return i < length ? (sum + Math.imul(words[i] as number, key.charCodeAt(i))) | 0 : sum;
    }
    for (let i = 0; i < length; i++) {
      const word = i % WORDS;
      if (word === 0) sum = Math.imul(sum ^ (sum >>> 15), 0x2c1b3c6d);
      sum = (sum + Math.imul(words[word] as number, key.charCodeAt(i))) | 0;
    }
    return sum;
  }
}
