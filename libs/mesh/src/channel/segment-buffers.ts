import { freeAtOnce } from "../packet/free-at-once.ts";

/** Buffers kept for the next segments: as many as are on their way at full speed over a short way. */
const MOST_SPARE = 32;

/** Memory of segments at full speed: of large ones that have arrived, to be filled again. */
export class SegmentBuffers {
  readonly #largest: number;
  readonly #spare: Buffer[] = [];

  /** `largest`: bytes of the segments whose memory is worth keeping. */
  constructor(largest: number) {
    this.#largest = largest;
  }

  take(bytes: number): Buffer {
    const spare = bytes === this.#largest ? this.#spare.pop() : undefined;
    return spare ?? Buffer.allocUnsafe(bytes);
  }

  /** Takes back the memory of a segment, which nobody looks at any more. */
  give(segment: Uint8Array): void {
    const { buffer, byteLength } = segment;
    const isLarge = buffer.byteLength === this.#largest && byteLength > 0;
    if (isLarge && this.#spare.length < MOST_SPARE) this.#spare.push(Buffer.from(buffer as ArrayBuffer));
    else freeAtOnce(segment);
  }

  clear(): void {
    this.#spare.length = 0;
  }
}
