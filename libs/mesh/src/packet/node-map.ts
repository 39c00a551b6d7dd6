import type { Random } from "@clawmatrix/environment";

const ID_BYTES = 16;
/** Slots of a new map; they double at half full. */
const FIRST_CAPACITY = 16;

/**
 * A map by node id that is asked with the bytes of a packet's header, in place: no string and no view is made per
 * packet. The hash is salted, so that nobody can grind ids that collide. Who fills it bounds it.
 */
export class NodeMap<V> {
  readonly #salt: Uint32Array;
  #ids = new Uint8Array(FIRST_CAPACITY * ID_BYTES);
  #values: (V | undefined)[] = new Array(FIRST_CAPACITY).fill(undefined);
  #size = 0;

  constructor(random: Random) {
    const salt = random.bytes(8);
    this.#salt = new Uint32Array(2);
    for (let i = 0; i < 8; i++) this.#salt[i >> 2] = (this.#salt[i >> 2]! << 8) | salt[i]!;
  }

  get size(): number {
    return this.#size;
  }

  /** The value of the node whose 16 bytes are at `at`. */
  get(bytes: Uint8Array, at = 0): V | undefined {
    return this.#values[this.#slotOf(bytes, at)];
  }

  set(bytes: Uint8Array, value: V, at = 0): void {
    let slot = this.#slotOf(bytes, at);
    if (this.#values[slot] === undefined) {
      if (2 * (this.#size + 1) > this.#values.length) {
        this.#rebuild(2 * this.#values.length);
        slot = this.#slotOf(bytes, at);
      }
      for (let i = 0; i < ID_BYTES; i++) this.#ids[slot * ID_BYTES + i] = bytes[at + i]!;
      this.#size++;
    }
    this.#values[slot] = value;
  }

  delete(bytes: Uint8Array, at = 0): void {
    const slot = this.#slotOf(bytes, at);
    if (this.#values[slot] === undefined) return;
    this.#values[slot] = undefined;
    this.#size--;
    // Entries behind the gap may have been put there because of what is gone. Rare, so all are put again.
    this.#rebuild(this.#values.length);
  }

  clear(): void {
    this.#values.fill(undefined);
    this.#size = 0;
  }

  /** The slot of the id, or the free one where it belongs. Half of the slots are free, so this ends. */
  #slotOf(bytes: Uint8Array, at: number): number {
    const ids = this.#ids;
    const values = this.#values;
    const mask = values.length - 1;
    let slot = this.#hash(bytes, at) & mask;
    for (; values[slot] !== undefined; slot = (slot + 1) & mask) {
      const from = slot * ID_BYTES;
      let same = 0;
      while (same < ID_BYTES && ids[from + same] === bytes[at + same]) same++;
      if (same === ID_BYTES) break;
    }
    return slot;
  }

  #hash(bytes: Uint8Array, at: number): number {
    let hash = this.#salt[0]!;
    for (let i = at; i < at + ID_BYTES; i += 4) {
      const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
      hash = Math.imul(hash ^ word, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash ^ this.#salt[1]!, 0x85ebca6b);
    return hash ^ (hash >>> 13);
  }

  #rebuild(capacity: number): void {
    const ids = this.#ids;
    const values = this.#values;
    this.#ids = new Uint8Array(capacity * ID_BYTES);
    this.#values = new Array(capacity).fill(undefined);
    for (let old = 0; old < values.length; old++) {
      const value = values[old];
      if (value === undefined) continue;
      const slot = this.#slotOf(ids, old * ID_BYTES);
      for (let i = 0; i < ID_BYTES; i++) this.#ids[slot * ID_BYTES + i] = ids[old * ID_BYTES + i]!;
      this.#values[slot] = value;
    }
  }
}
