import type { CipherState } from "@clawmatrix/identity";
import type { BatchBuffers } from "./batch-buffers.ts";
import { BATCH_BYTES, BATCH_OVERHEAD_BYTES, ENTRY_BYTES } from "./limits.ts";

const LENGTH_BYTES = 4;
const TAG_BYTES = BATCH_OVERHEAD_BYTES - LENGTH_BYTES;

/**
 * A batch being filled. Entries grow from the front of its buffer, and payloads that stay outside the seal from the
 * middle; sealing puts the entries right before the payloads. So a payload is copied once on its way through a
 * node, and one call of the cipher seals the batch.
 */
export class OutgoingBatch {
  readonly #buffers: BatchBuffers;
  /** Where the next entry, and the next outer payload, go. Whoever writes there calls `add` first. */
  readonly buffer: Buffer;
  #entriesEnd = LENGTH_BYTES;
  readonly #outerStart: number;
  #outerEnd: number;
  #packets = 0;

  /** A batch whose first packet has `inner` bytes of payload inside the seal, and `outer` bytes outside. */
  constructor(buffers: BatchBuffers, inner: number, outer: number) {
    this.#buffers = buffers;
    const entryRoom = Math.max(BATCH_BYTES, BATCH_OVERHEAD_BYTES + ENTRY_BYTES + inner);
    this.buffer = buffers.take(entryRoom + Math.max(BATCH_BYTES, outer));
    this.#outerStart = entryRoom;
    this.#outerEnd = entryRoom;
  }

  get packets(): number {
    return this.#packets;
  }

  /** On the wire. */
  get bytes(): number {
    return TAG_BYTES + this.#entriesEnd + this.#outerEnd - this.#outerStart;
  }

  /** Where the entry added last begins. */
  entryAt = 0;
  /** Where the outer payload added last begins. */
  outerAt = 0;

  /** Whether a packet still fits. The first one always does. */
  hasRoom(inner: number, outer: number): boolean {
    return this.#packets === 0 || this.bytes + ENTRY_BYTES + inner + outer <= BATCH_BYTES;
  }

  /** Makes room for a packet, at `entryAt` and `outerAt`. The caller has asked `hasRoom`, and writes both. */
  add(inner: number, outer: number): void {
    this.#packets++;
    this.entryAt = this.#entriesEnd;
    this.outerAt = this.#outerEnd;
    this.#entriesEnd += ENTRY_BYTES + inner;
    this.#outerEnd += outer;
  }

  /** The message, sealed. It is a view of `buffer`, which must not be written to until `release`. */
  seal(cipher: CipherState): Buffer {
    const { buffer } = this;
    const entriesBytes = this.#entriesEnd - LENGTH_BYTES;
    const start = this.#outerStart - TAG_BYTES - entriesBytes - LENGTH_BYTES;
    const length = Buffer.allocUnsafe(LENGTH_BYTES);
    length.writeUInt32BE(entriesBytes);
    // The length is written last: where there are many entries, its place is still theirs until they are sealed.
    cipher.sealInto(length, buffer.subarray(LENGTH_BYTES, this.#entriesEnd), buffer, start + LENGTH_BYTES);
    buffer.set(length, start);
    return buffer.subarray(start, this.#outerEnd);
  }

  /** The memory may be used again. */
  release(): void {
    this.#buffers.release(this.buffer);
  }
}
