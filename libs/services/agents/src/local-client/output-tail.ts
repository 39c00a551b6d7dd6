/** The end of what a command has written, bounded, never beginning within a character. */
export class OutputTail {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #truncated = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get truncated(): boolean {
    return this.#truncated;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    // Joined at twice the limit only, so that a flood costs time in proportion to itself.
    if (this.#bytes > 2 * this.#maxBytes) this.#join();
  }

  text(): string {
    this.#join();
    return this.#chunks[0]?.toString() ?? "";
  }

  #join(): void {
    const joined = Buffer.concat(this.#chunks);
    let start = Math.max(0, joined.length - this.#maxBytes);
    if (start > 0) {
      this.#truncated = true;
      // Bytes 10xxxxxx go on with a character that was cut off.
      while (start < joined.length && (joined[start]! & 0xc0) === 0x80) start++;
    }
    this.#chunks = [Buffer.from(joined.subarray(start))];
    this.#bytes = joined.length - start;
  }
}
