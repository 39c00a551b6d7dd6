import { requirePositive } from "./limits.ts";

export interface BoundedQueueOptions {
  /** The most items waiting. */
  readonly entries: number;
  /** The most bytes waiting, as counted by who pushes. */
  readonly bytes: number;
}

/** Places of a new queue. It doubles as it fills, never past the first power of two that holds `entries`. */
const FIRST_CAPACITY = 16;

/**
 * First in, first out, bounded in items and in bytes. At the bound `push` refuses the new item, and
 * `pushDroppingOldest` makes room; each says so, and nothing is ever dropped in silence.
 */
export class BoundedQueue<T> {
  readonly #options: BoundedQueueOptions;
  #items: (T | undefined)[] = new Array(FIRST_CAPACITY);
  #sizes = new Float64Array(FIRST_CAPACITY);
  #head = 0;
  #size = 0;
  #bytes = 0;

  constructor(options: BoundedQueueOptions) {
    requirePositive("entries", options.entries);
    requirePositive("bytes", options.bytes);
    this.#options = options;
  }

  /** Items waiting. */
  get size(): number {
    return this.#size;
  }

  /** Bytes waiting. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether an item of `bytes` would be taken now. */
  hasRoom(bytes: number): boolean {
    return this.#size < this.#options.entries && this.#bytes + bytes <= this.#options.bytes;
  }

  /** Appends an item that counts for `bytes` (≥ 0). False: there is no room, the queue is unchanged. */
  push(item: T, bytes: number): boolean {
    if (!(bytes >= 0)) throw new RangeError(`an item cannot have ${bytes} bytes`);
    if (!this.hasRoom(bytes)) return false;
    if (this.#size === this.#items.length) this.#grow();
    const place = (this.#head + this.#size) & (this.#items.length - 1);
    this.#items[place] = item;
    this.#sizes[place] = bytes;
    this.#size++;
    this.#bytes += bytes;
    return true;
  }

  /**
   * Appends an item and, where there is no room for it, first drops the oldest, each handed to `onDropped`.
   * False: the item alone is larger than the whole queue; then nothing is dropped.
   */
  pushDroppingOldest(item: T, bytes: number, onDropped: (item: T, bytes: number) => void): boolean {
    if (bytes > this.#options.bytes) return false;
    while (!this.hasRoom(bytes)) {
      const size = this.#sizes[this.#head] as number;
      onDropped(this.shift() as T, size);
    }
    return this.push(item, bytes);
  }

  /** The oldest item, which stays; undefined if there is none. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Bytes of the oldest item; 0 if there is none. */
  peekBytes(): number {
    return this.#size === 0 ? 0 : (this.#sizes[this.#head] as number);
  }

  /** Takes out the oldest item; undefined if there is none. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#bytes -= this.#sizes[this.#head] as number;
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.#size--;
    return item;
  }

  /** Takes out all items, oldest first, each handed to `onDropped`. */
  clear(onDropped?: (item: T, bytes: number) => void): void {
    while (this.#size > 0) {
      const bytes = this.peekBytes();
      const item = this.shift() as T;
      onDropped?.(item, bytes);
    }
  }

  #grow(): void {
    const items = new Array<T | undefined>(2 * this.#items.length);
    const sizes = new Float64Array(items.length);
    for (let i = 0; i < this.#size; i++) {
      const place = (this.#head + i) & (this.#items.length - 1);
      items[i] = this.#items[place];
      sizes[i] = this.#sizes[place] as number;
    }
    this.#items = items;
    this.#sizes = sizes;
    this.#head = 0;
  }
}
