import type { Duplex } from "node:stream";
import type { Clock, Logger } from "@clawmatrix/environment";
import {
  badFrame,
  CallLanes,
  type ConduitCounts,
  ConduitEvents,
  type FrameConduit,
  type Lane,
  type LaneAcceptor,
  type LaneReceiver,
  MAX_FRAME_BYTES,
  readFrames,
} from "@clawmatrix/mesh";
import { Priority, StatusCode, StatusError } from "@clawmatrix/protocol";

export interface StreamConduitOptions {
  /** Which end of the connection this is: the client's calls have the odd numbers. */
  readonly role: "client" | "server";
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Bytes written at once. */
const BATCH_BYTES = 65_536;
/** A frame stands behind its length (4, big-endian). */
const LENGTH_BYTES = 4;

/** Frames over a stream of bytes: a node's local socket. It closes the stream when it ends. */
export class StreamConduit implements FrameConduit {
  readonly #stream: Duplex;
  readonly #lanes: CallLanes;
  readonly #events = new ConduitEvents();
  /** What has arrived of a frame that is not whole, and how many bytes have to be there before it is looked at. */
  #parts: Buffer[] = [];
  #partBytes = 0;
  #wanted = LENGTH_BYTES;
  #scheduled = false;
  #blocked = false;

  constructor(stream: Duplex, options: StreamConduitOptions) {
    this.#stream = stream;
    this.#lanes = new CallLanes({
      firstCall: options.role === "client" ? 1 : 2,
      onQueued: () => this.#schedule(),
      logger: options.logger,
      clock: options.clock,
      lengthPrefix: true,
    });
    stream.on("data", (chunk: Buffer) => this.#onData(chunk));
    stream.on("drain", () => {
      this.#blocked = false;
      this.#write();
    });
    stream.on("error", (cause) => this.#end(connectionLost(cause)));
    stream.on("end", () => this.#end(connectionLost()));
    stream.on("close", () => this.#end(connectionLost()));
  }

  get openCalls(): number {
    return this.#lanes.size;
  }

  get counts(): ConduitCounts {
    return this.#lanes.counts;
  }

  get ended(): StatusError | undefined {
    return this.#lanes.ended;
  }

  /** Never: a stream that breaks has ended. */
  readonly reconnecting = false;

  open(priority: Priority, receiver: LaneReceiver): Lane {
    return this.#lanes.open(priority, receiver);
  }

  accept(acceptor: LaneAcceptor): void {
    this.#lanes.accept(acceptor);
  }

  onEnded(listener: (error: StatusError) => void): () => void {
    return this.#events.onEnded(listener);
  }

  onReconnecting(listener: (reconnecting: boolean) => void): () => void {
    return this.#events.onReconnecting(listener);
  }

  close(error: StatusError): void {
    if (this.ended !== undefined) return;
    this.#blocked = false;
    this.#write();
    this.#end(error);
  }

  #schedule(): void {
    if (this.#scheduled || this.#blocked) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#write();
    });
  }

  #write(): void {
    while (!this.#blocked && this.ended === undefined) {
      const waiting = this.#lanes.queuedBytes(Priority.INTERACTIVE) + this.#lanes.queuedBytes(Priority.BULK);
      if (waiting === 0) return;
      const batch = Buffer.allocUnsafe(Math.min(BATCH_BYTES, waiting));
      const middle = this.#lanes.pack(Priority.INTERACTIVE, batch, 0);
      const end = this.#lanes.pack(Priority.BULK, batch, middle);
      if (end === 0) return;
      this.#blocked = !this.#stream.write(batch.subarray(0, end));
    }
  }

  #onData(chunk: Buffer): void {
    if (this.ended !== undefined) return;
    this.#parts.push(chunk);
    this.#partBytes += chunk.length;
    if (this.#partBytes < this.#wanted) return;
    const bytes = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts);
    let at = 0;
    this.#wanted = LENGTH_BYTES;
    try {
      while (at + LENGTH_BYTES <= bytes.length) {
        const length = bytes.readUInt32BE(at);
        if (length > MAX_FRAME_BYTES) throw badFrame(`${length} bytes are more than a frame may have`);
        const end = at + LENGTH_BYTES + length;
        if (end > bytes.length) {
          this.#wanted = end - at;
          break;
        }
        this.#deliver(bytes.subarray(at + LENGTH_BYTES, end));
        if (this.ended !== undefined) return;
        at = end;
      }
    } catch (thrown) {
      this.#end(StatusError.from(thrown));
      return;
    }
    this.#parts = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#partBytes = bytes.length - at;
  }

  #deliver(frame: Uint8Array): void {
    let frames = 0;
    readFrames(frame, 0, (type, flags, call, bytes, start, end) => {
      if (++frames > 1) throw badFrame("its length does not fit");
      // Frames of the connection itself: none is known; those of a newer version are ignored.
      if (call !== 0) this.#lanes.deliver(Priority.INTERACTIVE, type, flags, call, bytes, start, end);
    });
  }

  #end(error: StatusError): void {
    if (this.ended !== undefined) return;
    this.#parts = [];
    this.#lanes.end(error);
    this.#events.end(error);
    this.#stream.end(() => this.#stream.destroy());
  }
}

function connectionLost(cause?: unknown): StatusError {
  return new StatusError(StatusCode.UNAVAILABLE, "the connection was closed by its other end", {
    reason: "connection-closed",
    cause,
  });
}
