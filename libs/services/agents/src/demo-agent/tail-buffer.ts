import { tailBytes } from "./text-bounds.ts";

/** The last bytes of something long. Holds at most twice `maxBytes`, so that dropping costs a constant per byte. */
export class TailBuffer {
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #held = 0;
  #total = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes ever appended. */
  get total(): number {
    return this.#total;
  }

  append(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#held += bytes.length;
    this.#total += bytes.length;
    if (this.#held > 2 * this.#maxBytes) this.#compact();
  }

  /** The last `maxBytes` bytes as text. With `open`, a character whose end is still to come is held back. */
  text(maxBytes: number, open = false): string {
    this.#compact();
    const tail = tailBytes(this.#chunks[0] ?? new Uint8Array(), maxBytes);
    return new TextDecoder().decode(tail, { stream: open });
  }

  #compact(): void {
    const kept = tailBytes(Buffer.concat(this.#chunks), this.#maxBytes);
    this.#chunks = [kept];
    this.#held = kept.length;
  }
}
