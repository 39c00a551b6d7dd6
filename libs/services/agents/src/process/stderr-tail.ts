/** What is kept of an agent's standard error: enough for a stack trace. */
export const STDERR_TAIL_BYTES = 16 * 1024;

/** The last lines that a process wrote, whole ones where the limit allows. */
export class StderrTail {
  readonly #maxBytes: number;
  #kept = Buffer.alloc(0);
  #cut = false;

  constructor(maxBytes = STDERR_TAIL_BYTES) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    // One copy per chunk, of at most what is kept: a flood costs time in proportion to itself, and no memory.
    const joined = Buffer.concat([this.#kept, chunk.subarray(-this.#maxBytes)]);
    this.#cut ||= joined.length > this.#maxBytes || chunk.length > this.#maxBytes;
    this.#kept = joined.length > this.#maxBytes ? Buffer.from(joined.subarray(-this.#maxBytes)) : joined;
  }

  /** Without the line that the limit cut in two, unless it is the only one. */
  text(): string {
    const lineEnd = this.#cut ? this.#kept.indexOf(0x0a) : -1;
    const whole =
      lineEnd >= 0 && lineEnd < this.#kept.length - 1 ? this.#kept.subarray(lineEnd + 1) : this.#kept;
    return whole.toString().trimEnd();
  }
}
