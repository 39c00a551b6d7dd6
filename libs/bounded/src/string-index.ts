/** Slots of a new index; a power of two. An index that is hardly used costs half a kilobyte. */
const FIRST_CAPACITY = 64;

/**
 * Finds small integers (positions in its owner's arrays) by strings, in constant time and without an
 * allocation per entry, which makes it faster than a `Map` that loses an entry for each one it gains.
 *
 * Open addressing with linear probing, at most half full. The owner computes the hash of a key once
 * (see KeyHash), and gives out positions from 0 upwards, using again what became free.
 */
export class StringIndex {
  /** By position: the key and its hash. */
  readonly #keys: (string | undefined)[] = [];
  #hashes = new Int32Array(FIRST_CAPACITY);
  /** Per slot two words: the key's hash, and its position + 1 (0: the slot is free). */
  #table = new Int32Array(2 * FIRST_CAPACITY);
  #mask = FIRST_CAPACITY - 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The position of `key`, or -1. */
  find(key: string, hash: number): number {
    const table = this.#table;
    const mask = this.#mask;
    for (let slot = homeSlot(hash) & mask; ; slot = (slot + 1) & mask) {
      const position = (table[2 * slot + 1] as number) - 1;
      if (position < 0) return -1;
      if (table[2 * slot] === hash && this.#keys[position] === key) return position;
    }
  }

  /** Adds a key that is not in the index, at a position that is free. */
  insert(key: string, hash: number, position: number): void {
    if (2 * (this.#size + 1) > this.#mask + 1) this.#grow();
    this.#keys[position] = key;
    this.#hashes[position] = hash;
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
    let gap = homeSlot(this.#hashes[position] as number) & mask;
    while (table[2 * gap + 1] !== position + 1) gap = (gap + 1) & mask;
    // What stands behind the gap moves up into it, unless that would take it before its home slot.
    for (let slot = (gap + 1) & mask; table[2 * slot + 1] !== 0; slot = (slot + 1) & mask) {
      const fromHome = (slot - homeSlot(table[2 * slot] as number)) & mask;
      if (fromHome < ((slot - gap) & mask)) continue;
      table[2 * gap] = table[2 * slot] as number;
      table[2 * gap + 1] = table[2 * slot + 1] as number;
      gap = slot;
    }
    table[2 * gap + 1] = 0;
    this.#keys[position] = undefined;
    this.#size--;
  }

  /** Forgets everything and keeps the memory, which is in proportion to the most entries that it ever had. */
  clear(): void {
    this.#table.fill(0);
    this.#keys.fill(undefined);
    this.#size = 0;
  }

  #place(hash: number, position: number): void {
    const table = this.#table;
    const mask = this.#mask;
    let slot = homeSlot(hash) & mask;
    while (table[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
    table[2 * slot] = hash;
    table[2 * slot + 1] = position + 1;
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Int32Array(2 * old.length);
    this.#mask = 2 * this.#mask + 1;
    // A position is below the most entries there ever were, hence below the number of slots.
    const hashes = new Int32Array(this.#mask + 1);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] !== 0) this.#place(old[i] as number, (old[i + 1] as number) - 1);
    }
  }
}

/** The upper bits are the ones that a multilinear hash mixes best; the mask takes at most 20 of them. */
function homeSlot(hash: number): number {
  return hash >>> 12;
}
