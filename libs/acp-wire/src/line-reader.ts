export interface LineReaderOptions {
  /** The longest line in bytes, without its end. Default: MAX_LINE_BYTES. */
  readonly maxBytes?: number;
  /** A line without its end ("\n" or "\r\n"); empty lines are left out. The bytes may be kept, not changed. */
  readonly onLine: (line: Buffer) => void;
  /** A line grew past the limit. Nothing is read any more: where the next message begins is unknown. */
  readonly onTooLong: (maxBytes: number) => void;
}

/** One ACP message may carry a whole file or image, but must not fill the node's memory. */
export const MAX_LINE_BYTES = 32 * 1024 * 1024;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Cuts a stream of bytes, in whatever pieces it comes, into lines. */
export class LineReader {
  readonly #options: LineReaderOptions;
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #length = 0;
  #stopped = false;

  constructor(options: LineReaderOptions) {
    this.#options = options;
    this.#maxBytes = options.maxBytes ?? MAX_LINE_BYTES;
  }

  push(chunk: Buffer): void {
    let start = 0;
    while (!this.#stopped) {
      const end = chunk.indexOf(LINE_FEED, start);
      if (end < 0) break;
      this.#take(chunk.subarray(start, end));
      if (!this.#stopped) this.#emit();
      start = end + 1;
    }
    if (!this.#stopped && start < chunk.length) this.#take(chunk.subarray(start));
  }

  /** The stream has ended: what came after the last line feed counts as a line. */
  end(): void {
    if (!this.#stopped) this.#emit();
    this.#stopped = true;
  }

  #take(piece: Buffer): void {
    this.#length += piece.length;
    // The one byte more is the carriage return of a line that just fits.
    if (this.#length > this.#maxBytes + 1) {
      this.#stopped = true;
      this.#pieces = [];
      this.#options.onTooLong(this.#maxBytes);
      return;
    }
    if (piece.length > 0) this.#pieces.push(piece);
  }

  #emit(): void {
    const whole = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#length = 0;
    const line = whole.at(-1) === CARRIAGE_RETURN ? whole.subarray(0, -1) : whole;
    if (line.length > this.#maxBytes) {
      this.#stopped = true;
      this.#options.onTooLong(this.#maxBytes);
    } else if (line.length > 0) this.#options.onLine(line);
  }
}
