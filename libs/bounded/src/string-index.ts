import { type Random, systemRandom } from "@clawmatrix/environment";

/** Slots of a new index; a power of two. An index that is hardly used costs half a kilobyte. */
const FIRST_CAPACITY = 64;
/** Keys are hashed with as many secret words, one per character; longer keys in blocks of this length. */
const SALT_WORDS = 64;

/**
 * Finds small integers (positions in its owner's arrays) by strings, in constant time and without an
 * allocation per entry: about three times as fast as a `Map` that loses an entry for each one it gains.
 *
 * Open addressing with linear probing, at most half full. Keys may come from hostile peers, so the hash is
 * multilinear over secret random words (top bits strongly universal for keys up to 64 characters): without
 * the words nobody can choose keys that collide.
 */
export class StringIndex {
  readonly #salt: Int32Array;
  /** The keys by position, for comparison. The owner sets positions from 0 upwards and uses them again. */
  readonly #keys: (string | undefined)[] = [];
  /** Per slot two words: the key's hash, and its position + 1 (0: the slot is free). */
  #table = new Int32Array(2 * FIRST_CAPACITY);
  #mask = FIRST_CAPACITY - 1;
  #size = 0;

  constructor(random: Random = systemRandom) {
    const bytes = random.bytes(SALT_WORDS * 4);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#salt = Int32Array.from({ length: SALT_WORDS }, (_, i) => view.getInt32(4 * i));
  }

  get size(): number {
    return this.#size;
  }

  /** The hash of `key`, to be computed once and handed to the other methods. Differs from index to index. */
  hash(key: string): number {
    const salt = this.#salt;
    const length = key.length;
    let sum = Math.imul(length + 1, 0x9e3779b1) | 0;
    if (length <= SALT_WORDS) {
      for (let i = 0; i < length; i++) sum = (sum + Math.imul(salt[i] as number, key.charCodeAt(i))) | 0;
      return sum;
    }
    for (let i = 0; i < length; i++) {
      const word = i % SALT_WORDS;
      if (word === 0) sum = Math.imul(sum ^ (sum >>> 15), 0x2c1b3c6d);
      sum = (sum + Math.imul(salt[word] as number, key.charCodeAt(i))) | 0;
    }
    return sum;
  }

  /** The position of `key`, or -1. */
  find(key: string, hash: number): number {
    const table = this.#table;
    const mask = this.#mask;
    for (let slot = this.#home(hash); ; slot = (slot + 1) & mask) {
      const position = (table[2 * slot + 1] as number) - 1;
      if (position < 0) return -1;
      if (table[2 * slot] === hash && this.#keys[position] === key) return position;
    }
  }

  /** Adds a key that is not in the index at a position that is free. */
  insert(key: string, hash: number, position: number): void {
    if (2 * (this.#size + 1) > this.#mask + 1) this.#grow();
    this.#keys[position] = key;
    this.#place(hash, position);
    this.#size++;
  }

  /** The key at a position that is taken. */
  keyAt(position: number): string {
    return this.#keys[position] as string;
  }

  /** Takes out what is at `position`, which must be taken. */
  remove(position: number): void {
    const table = this.#table;
    const mask = this.#mask;
    let free = this.#home(this.hash(this.keyAt(position)));
    while (table[2 * free + 1] !== position + 1) free = (free + 1) & mask;
    // Entries behind the gap move up into it, unless that would take them before their home slot.
    for (let slot = (free + 1) & mask; table[2 * slot + 1] !== 0; slot = (slot + 1) & mask) {
      const distance = (slot - this.#home(table[2 * slot] as number)) & mask;
      if (distance < ((slot - free) & mask)) continue;
      table[2 * free] = table[2 * slot] as number;
      table[2 * free + 1] = table[2 * slot + 1] as number;
      free = slot;
    }
    table[2 * free + 1] = 0;
    this.#keys[position] = undefined;
    this.#size--;
  }

  /** Forgets everything and keeps the memory, which is in proportion to the most entries that it ever had. */
  clear(): void {
    this.#table.fill(0);
    this.#keys.fill(undefined);
    this.#size = 0;
  }

  /** The top bits are the ones that a multilinear hash mixes best. */
  #home(hash: number): number {
    return (hash >>> 12) & this.#mask;
  }

  #place(hash: number, position: number): void {
    const table = this.#table;
    let slot = this.#home(hash);
    while (table[2 * slot + 1] !== 0) slot = (slot + 1) & this.#mask;
    table[2 * slot] = hash;
    table[2 * slot + 1] = position + 1;
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Int32Array(2 * old.length);
    this.#mask = 2 * this.#mask + 1;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] !== 0) this.#place(old[i] as number, (old[i + 1] as number) - 1);
    }
  }
}
