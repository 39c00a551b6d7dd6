import { FrameFlag } from "@clawmatrix/mesh";
import { CallLimit, type FrameType, StatusCode, StatusError, StreamEnd } from "@clawmatrix/protocol";
import type { RawCall } from "./raw-call.ts";

/** Writes the messages of one direction of a call, split into frames, no faster than the peer takes them in. */
export class MessageWriter {
  readonly #type: FrameType;
  #call: RawCall | undefined;
  /** Resolves a write that waits for credit; there is one at most. */
  #wake: (() => void) | undefined;
  #ended = false;

  constructor(type: FrameType) {
    this.#type = type;
  }

  /** Begins: until then writes wait. */
  start(call: RawCall): void {
    this.#call = call;
    this.wake();
  }

  /** The peer has granted credit, or the call is over: a waiting write goes on. */
  wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** After this, writes do nothing. */
  end(): void {
    this.#ended = true;
    this.wake();
  }

  /** Whether the next message can leave at once. */
  get isReady(): boolean {
    return this.#call !== undefined && this.#call.credit > 0;
  }

  /**
   * Writes a message. Undefined: it has left. Else resolves when it has, or the call is over. One write at a time.
   * Throws StatusError RESOURCE_EXHAUSTED for a message that is too large.
   */
  write(message: never): Promise<void> | undefined {
    return this.writeBytes(encodeMessage(this.#type, message));
  }

  /** The same, of a message that was encoded. */
  writeBytes(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#call !== undefined && this.isReady && bytes.length <= CallLimit.MAX_FRAME_BYTES) {
      this.#call.send(this.#type.number, this.#type.dedupClass, bytes);
      return undefined;
    }
    return this.rest(bytes, 0, false);
  }

  /** Half-closes the call: nothing more is sent. */
  close(): void {
    this.#call?.send(StreamEnd.number, StreamEnd.dedupClass | FrameFlag.END, new Uint8Array(0));
  }

  /** Writes the frames of an encoded message from `start` on. */
  async rest(bytes: Uint8Array, start: number, last: boolean): Promise<void> {
    for (let at = start; ; ) {
      while (!this.isReady && !this.#ended) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      if (this.#ended || this.#call === undefined) return;
      const end = Math.min(at + CallLimit.MAX_FRAME_BYTES, bytes.length);
      const done = end === bytes.length;
      const flags = done ? (last ? FrameFlag.END : 0) : FrameFlag.MORE;
      this.#call.send(this.#type.number, this.#type.dedupClass | flags, bytes.subarray(at, end));
      if (done) return;
      at = end;
    }
  }
}

/** The bytes of a message. Throws StatusError RESOURCE_EXHAUSTED if there are too many. */
export function encodeMessage(type: FrameType, message: never): Uint8Array {
  const bytes = type.encode(message);
  if (bytes.length <= CallLimit.MAX_MESSAGE_BYTES) return bytes;
  throw new StatusError(
    StatusCode.RESOURCE_EXHAUSTED,
    `a ${type.typeName} of ${bytes.length} bytes is larger than the ${CallLimit.MAX_MESSAGE_BYTES} that a message may have`,
    { reason: "message-too-large" },
  );
}
