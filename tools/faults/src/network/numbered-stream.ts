import { type Channel, FrameFlag, type Lane } from "@clawmatrix/mesh";
import { DedupClass, Priority, type StatusError, StreamOpen } from "@clawmatrix/protocol";
import { within } from "../within.ts";

/** Any number that is no frame of the call layer's own. */
const NUMBERED = 200;
/** What may wait unsent. */
const QUEUED_BYTES = 128 * 1024;
const PUMP_MS = 5;
const FRAME_BYTES = 4 * 1024;

/** Frames with numbers, from one node to another, over whatever becomes of the links between them. */
export class NumberedStream {
  readonly #count: number;
  #received = 0;
  #fault: string | undefined;
  #lastAt = performance.now();
  #longestGapMs = 0;
  #wake: () => void = () => undefined;

  /** Sends `count` frames of 4 KiB from `from`; they are expected at `to`, the same channel's other end. */
  constructor(from: Channel, to: Channel, count: number) {
    this.#count = count;
    to.accept(() => ({
      frame: (_type, _flags, payload) => this.#arrived(payload),
      broken: (error) => this.#broken(error),
    }));
    const lane = from.open(Priority.INTERACTIVE, {
      frame: () => undefined,
      broken: (error) => this.#broken(error),
    });
    lane.send({
      type: StreamOpen.number,
      flags: DedupClass.CALL_ID | FrameFlag.OPEN,
      payload: new Uint8Array(),
      header: Buffer.from("header"),
    });
    this.#pump(lane, 0);
  }

  get received(): number {
    return this.#received;
  }

  /** What came twice, in the wrong order, or not at all; undefined: nothing did. */
  get fault(): string | undefined {
    return this.#fault;
  }

  get longestGapMs(): number {
    return Math.round(this.#longestGapMs);
  }

  /** Resolves when so many frames have arrived, or something was wrong. */
  async reach(count: number, ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = () => (this.#received >= count || this.#fault !== undefined) && resolve();
    this.#wake();
    await within(ms, `${count} frames arrive`, promise, () => `${this.#received} did.`);
  }

  #pump(lane: Lane, from: number): void {
    let number = from;
    while (number < this.#count && lane.queuedBytes < QUEUED_BYTES && this.#fault === undefined) {
      const payload = Buffer.alloc(FRAME_BYTES, number & 0xff);
      payload.writeUInt32BE(number++, 0);
      lane.send({ type: NUMBERED, flags: DedupClass.CHANNEL_SEQUENCE, payload });
    }
    if (number < this.#count && this.#fault === undefined) {
      setTimeout(() => this.#pump(lane, number), PUMP_MS);
    }
  }

  #arrived(payload: Uint8Array): void {
    const now = performance.now();
    if (this.#received > 0) this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#lastAt);
    this.#lastAt = now;
    const number = Buffer.from(payload).readUInt32BE(0);
    const isWhole = payload.length === FRAME_BYTES && payload[FRAME_BYTES - 1] === (number & 0xff);
    if (number !== this.#received || !isWhole) this.#fault ??= `${number} came in place of ${this.#received}`;
    this.#received++;
    this.#wake();
  }

  #broken(error: StatusError): void {
    this.#fault ??= `it broke: ${error.message}`;
    this.#wake();
  }
}
