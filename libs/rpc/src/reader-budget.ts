/** Bytes of unfinished messages that all calls of a conduit may hold together. */
const MOST_PIECES_BYTES = 64 * 1024 * 1024;
/** Bytes that the windows of all calls of a conduit may have grown by together. */
const MOST_GROWTH_BYTES = 16 * 1024 * 1024;

/** Bytes that several may take of, up to a bound. */
export class ByteBudget {
  readonly #most: number;
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** False: there are not so many left, and none were taken. */
  take(bytes: number): boolean {
    if (this.#taken + bytes > this.#most) return false;
    this.#taken += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#taken -= bytes;
  }
}

/** What the readers of all calls of one conduit may hold together, beyond the first credit of each call. */
export class ReaderBudget {
  /** Messages that arrive in pieces. */
  readonly pieces = new ByteBudget(MOST_PIECES_BYTES);
  /** Windows that have grown. */
  readonly windows = new ByteBudget(MOST_GROWTH_BYTES);
}
