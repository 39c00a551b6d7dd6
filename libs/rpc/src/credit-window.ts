import { CallLimit } from "@clawmatrix/protocol";
import type { ByteBudget } from "./reader-budget.ts";

export interface CreditWindowOptions {
  /** Lets the peer send this many more bytes. */
  readonly grant: (bytes: number) => void;
  /** Bounds what all windows of a conduit have grown by. */
  readonly growth: ByteBudget;
}

/** The widest window of a call, in bytes: at 20 ms there and back these are 50 MB/s. */
const WIDEST_BYTES = 1024 * 1024;
/** Credit is given back in portions of this share of the window, so that it does not take a frame per message. */
const PORTIONS = 4;

/**
 * How far the writer of a call may be ahead of its reader. It begins narrow, and doubles for a reader that had to
 * wait for its writer: the way is then longer than the window is wide. One that does not keep up never widens it.
 */
export class CreditWindow {
  readonly #options: CreditWindowOptions;
  #bytes: number = CallLimit.INITIAL_CREDIT_BYTES;
  /** Consumed and not given back yet. */
  #owed = 0;
  #readerWaited = false;
  #closed = false;

  constructor(options: CreditWindowOptions) {
    this.#options = options;
  }

  /** The reader has asked for what has not come yet. */
  waiting(): void {
    this.#readerWaited = true;
  }

  /** The reader has taken in what cost this much. */
  consumed(cost: number): void {
    this.#owed += cost;
    if (this.#owed < this.#bytes / PORTIONS || this.#closed) return;
    const grown = this.#grow();
    const owed = this.#owed;
    this.#owed = 0;
    this.#options.grant(owed + grown);
  }

  /** Nothing more will come. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.growth.give(this.#bytes - CallLimit.INITIAL_CREDIT_BYTES);
  }

  #grow(): number {
    const grown = Math.min(this.#bytes, WIDEST_BYTES - this.#bytes);
    const grows = this.#readerWaited && grown > 0 && this.#options.growth.take(grown);
    this.#readerWaited = false;
    if (!grows) return 0;
    this.#bytes += grown;
    return grown;
  }
}
