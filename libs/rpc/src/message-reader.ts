import { FrameFlag } from "@clawmatrix/mesh";
import { CallLimit, type FrameType, StatusCode, StatusError } from "@clawmatrix/protocol";
import { CreditWindow } from "./credit-window.ts";
import { frameCost } from "./raw-call.ts";
import type { ReaderBudget } from "./reader-budget.ts";

export interface MessageReaderOptions {
  readonly type: FrameType;
  /** Lets the peer send this many more bytes. */
  readonly grant: (bytes: number) => void;
  /** Bounds what the readers of all calls of a conduit hold. */
  readonly budget: ReaderBudget;
  /** Called when the consumer has stopped before the end. */
  readonly onAbandoned?: () => void;
}

/** A small piece of a large packet is copied when it has to wait, so as not to keep the packet. */
const COPIED_BELOW_BYTES = 4096;

interface Waiting {
  readonly bytes: Uint8Array;
  /** Credit to give back when it is read. */
  readonly cost: number;
  /** Bytes that it takes of the budget for pieces. */
  readonly budget: number;
}

interface Taker {
  resolve(result: IteratorResult<unknown, undefined>): void;
  reject(error: StatusError): void;
}

const DONE = { done: true, value: undefined } as const;

/**
 * Reads the messages of one direction of a call: puts them together, keeps them until they are asked for, and gives
 * credit back as they are, so that a reader that stops stops its writer.
 */
export class MessageReader implements AsyncIterableIterator<unknown, undefined> {
  readonly #options: MessageReaderOptions;
  #waiting: Waiting[] = [];
  #head = 0;
  #takers: Taker[] = [];
  #pieces: Uint8Array[] = [];
  #piecesBytes = 0;
  readonly #window: CreditWindow;
  /** Credit for pieces that came while other messages waited to be read. */
  #heldBack = 0;
  #over: { readonly error: StatusError | undefined } | undefined;
  #abandoned = false;

  constructor(options: MessageReaderOptions) {
    this.#options = options;
    this.#window = new CreditWindow({ grant: options.grant, growth: options.budget.windows });
  }

  /** Takes a frame of the call. Throws StatusError where it breaks the protocol. Types that it does not read are skipped. */
  frame(type: number, flags: number, payload: Uint8Array): void {
    if (this.#over !== undefined || this.#abandoned) return;
    if (type !== this.#options.type.number) {
      this.#window.consumed(frameCost(payload.length));
      if ((flags & FrameFlag.END) !== 0) this.end();
      return;
    }
    if ((flags & FrameFlag.MORE) !== 0) {
      this.#piece(payload);
      return;
    }
    const cost = frameCost(payload.length);
    if (this.#pieces.length === 0) this.#message({ bytes: payload, cost, budget: 0 });
    else {
      const bytes = Buffer.concat([...this.#pieces, payload]);
      const budget = this.#piecesBytes;
      this.#pieces = [];
      this.#piecesBytes = 0;
      const heldBack = this.#heldBack;
      this.#heldBack = 0;
      this.#message({ bytes, cost: cost + heldBack, budget });
    }
    if ((flags & FrameFlag.END) !== 0) this.end();
  }

  /** Nothing more comes. What has arrived can still be read; then comes the end, or `error`. */
  end(error?: StatusError): void {
    if (this.#over !== undefined) return;
    const cutOff = error === undefined && this.#pieces.length > 0 ? incomplete() : error;
    this.#over = { error: cutOff };
    this.#window.close();
    this.#dropPieces();
    if (this.#head === this.#waiting.length) this.#settle();
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#head < this.#waiting.length) {
      const next = this.#waiting[this.#head] as Waiting;
      this.#waiting[this.#head++] = EMPTY;
      if (this.#head === this.#waiting.length) {
        this.#waiting.length = 0;
        this.#head = 0;
        this.#window.consumed(this.#heldBack);
        this.#heldBack = 0;
      } else if (this.#head >= 1024) {
        this.#waiting.splice(0, this.#head);
        this.#head = 0;
      }
      try {
        return Promise.resolve({ done: false, value: this.#read(next) });
      } catch (error) {
        return Promise.reject(error);
      }
    }
    if (this.#over?.error !== undefined) return Promise.reject(this.#over.error);
    if (this.#over !== undefined || this.#abandoned) return Promise.resolve(DONE);
    this.#window.waiting();
    return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<unknown, undefined>> {
    this.#abandoned = true;
    this.#window.close();
    for (const { budget } of this.#waiting) this.#options.budget.pieces.give(budget);
    this.#waiting = [];
    this.#head = 0;
    this.#dropPieces();
    for (const { resolve } of this.#takers.splice(0)) resolve(DONE);
    if (this.#over === undefined) this.#options.onAbandoned?.();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #piece(payload: Uint8Array): void {
    this.#piecesBytes += payload.length;
    const tooLarge = this.#piecesBytes > CallLimit.MAX_MESSAGE_BYTES;
    if (tooLarge || this.#pieces.length >= MOST_PIECES || !this.#options.budget.pieces.take(payload.length)) {
      this.#piecesBytes -= payload.length;
      throw tooMuch(this.#options.type.typeName);
    }
    this.#pieces.push(payload);
    // A message may be larger than the credit: its pieces are paid back before it is whole, but not before it is
    // the next to be read.
    if (this.#head === this.#waiting.length) this.#window.consumed(frameCost(payload.length));
    else this.#heldBack += frameCost(payload.length);
  }

  #dropPieces(): void {
    this.#options.budget.pieces.give(this.#piecesBytes);
    this.#pieces = [];
    this.#piecesBytes = 0;
  }

  #message(message: Waiting): void {
    const taker = this.#takers.shift();
    if (taker === undefined) {
      const small = message.bytes.length < COPIED_BELOW_BYTES;
      this.#waiting.push(small ? { ...message, bytes: Uint8Array.from(message.bytes) } : message);
      return;
    }
    try {
      taker.resolve({ done: false, value: this.#read(message) });
    } catch (thrown) {
      const error = StatusError.from(thrown);
      taker.reject(error);
      throw error;
    }
  }

  #read({ bytes, cost, budget }: Waiting): unknown {
    this.#options.budget.pieces.give(budget);
    const value = this.#options.type.decode(bytes);
    this.#window.consumed(cost);
    return value;
  }

  #settle(): void {
    const error = this.#over?.error;
    for (const taker of this.#takers.splice(0)) {
      if (error === undefined) taker.resolve(DONE);
      else taker.reject(error);
    }
  }
}

const EMPTY: Waiting = { bytes: new Uint8Array(0), cost: 0, budget: 0 };
/** Pieces of one message: those that its sender has to make, and as many that are smaller than they need to be. */
const MOST_PIECES = (2 * CallLimit.MAX_MESSAGE_BYTES) / CallLimit.MAX_FRAME_BYTES;

function incomplete(): StatusError {
  return new StatusError(StatusCode.INVALID_ARGUMENT, "a message was not finished by its sender", {
    reason: "message-incomplete",
  });
}

function tooMuch(typeName: string): StatusError {
  return new StatusError(
    StatusCode.RESOURCE_EXHAUSTED,
    `a ${typeName} is larger than a message may be, or too many large ones arrive at once`,
    { reason: "message-too-large" },
  );
}
