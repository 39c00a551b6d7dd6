import { BATCH_BYTES } from "./limits.ts";

/** Buffers kept for the next batches, 128 KiB each. What is not needed for a while is only address space. */
const KEPT = 32;

/** Room for the entries, and as much for the payloads beside them. */
const BUFFER_BYTES = 2 * BATCH_BYTES;

/**
 * Memory of batches on their way out, used again: a relay would otherwise ask the system for 128 KiB several
 * thousand times a second. Several nodes of one process may use the same one.
 */
export class BatchBuffers {
  readonly #free: Buffer[] = [];

  /** At least `bytes` long; of any content. */
  take(bytes: number): Buffer {
    if (bytes > BUFFER_BYTES) return Buffer.allocUnsafeSlow(bytes);
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
  }

  /** Gives back what `take` gave, once. Nobody may read it any more. */
  release(buffer: Buffer): void {
    if (buffer.length === BUFFER_BYTES && this.#free.length < KEPT) this.#free.push(buffer);
  }
}
