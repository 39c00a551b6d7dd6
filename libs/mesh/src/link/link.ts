import type { Clock, Random } from "@clawmatrix/environment";
import { CipherState, type NodeId, nodeIdToBytes, type SessionKeys } from "@clawmatrix/identity";
import {
  CloseCode,
  HeartbeatAnswer,
  Heartbeat as HeartbeatFrame,
  type MessageType,
  PacketKind,
  StatusError,
} from "@clawmatrix/protocol";
import type { BatchBuffers } from "../packet/batch-buffers.ts";
import { freeAtOnce } from "../packet/free-at-once.ts";
import { readBatch } from "../packet/incoming-batch.ts";
import { HEADER_BYTES } from "../packet/limits.ts";
import { FLAG_BULK, HOP_LIMIT_AT, KIND_AT, writeHeader } from "../packet/packet-header.ts";
import type { Connection } from "../transport/transport.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { LinkEvents } from "./link-events.ts";
import type { PeerHello } from "./peer-hello.ts";
import type { RoundTrip } from "./round-trip.ts";
import { SendQueue } from "./send-queue.ts";
import type { Turn } from "./turn.ts";

export interface LinkOptions {
  readonly connection: Connection;
  readonly keys: SessionKeys;
  readonly peer: PeerHello;
  /** This side dialled. */
  readonly dialled: boolean;
  /** This node. */
  readonly nodeId: NodeId;
  readonly clock: Clock;
  readonly random: Random;
  readonly turn: Turn;
  readonly buffers: BatchBuffers;
  readonly heartbeatMs: number;
  readonly events: LinkEvents;
  /** Batches in one direction after which the link is renewed under new keys. Default: 2^40. */
  readonly batchesPerKey?: number;
}

/** Bytes in the connection above which bulk waits in the queue: what is interactive must be able to go ahead. */
const BULK_BUFFER_BYTES = 128 * 1024;
/** Bytes in the connection above which everything waits. */
const INTERACTIVE_BUFFER_BYTES = 512 * 1024;
/** Far below what the cipher allows, far above what a link ever sends. */
const BATCHES_PER_KEY = 2 ** 40;
const FRAME_TYPE_BYTES = 2;

/** An authenticated, encrypted connection with another node, which carries packets in batches. */
export class Link {
  readonly peer: PeerHello;
  readonly dialled: boolean;
  /** When the handshake was finished, in monotonic ms. */
  readonly since: number;
  /** Both ends are members: everything may pass. Kept true to the membership by the `LinkSet`. */
  isFellow = false;
  readonly #options: LinkOptions;
  readonly #connection: Connection;
  readonly #sealing: CipherState;
  readonly #opening: CipherState;
  readonly #queue: SendQueue;
  readonly #heartbeat: Heartbeat;
  readonly #ownId: Uint8Array;
  /** 16 bytes; for comparing with headers. */
  readonly peerId: Uint8Array;
  readonly #batchesPerKey: number;
  #flushing = false;
  #confirmed = false;
  #over = false;

  constructor(options: LinkOptions) {
    const { connection, keys, peer, clock, random, events } = options;
    this.#options = options;
    this.peer = peer;
    this.dialled = options.dialled;
    this.since = clock.monotonic();
    this.#connection = connection;
    this.#sealing = new CipherState(keys.sendKey);
    this.#opening = new CipherState(keys.receiveKey);
    this.#batchesPerKey = options.batchesPerKey ?? BATCHES_PER_KEY;
    this.#ownId = nodeIdToBytes(options.nodeId);
    this.peerId = nodeIdToBytes(peer.nodeId);
    this.#queue = new SendQueue({
      buffers: options.buffers,
      onDropped: (packets) => events.dropped(this, packets),
    });
    this.#heartbeat = new Heartbeat({
      clock,
      random,
      intervalMs: options.heartbeatMs,
      peerIntervalMs: peer.heartbeatMs,
      send: (number) => this.sendFrame(HeartbeatFrame, { number }),
      onSilence: () => this.close(CloseCode.SILENT, "three heartbeats were missed"),
      onCost: () => events.costChanged(this),
    });
    connection.receive({
      message: (message) => this.#receive(message),
      drained: () => this.#flush(),
      closed: (code, reason) => this.#end(code, reason),
    });
  }

  /** Begins the heartbeats, which also tell the other side that the link stands. */
  start(): void {
    this.#heartbeat.start();
  }

  get nodeId(): NodeId {
    return this.peer.nodeId;
  }

  get roundTrip(): RoundTrip {
    return this.#heartbeat.roundTrip;
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Bytes that wait here and in the connection. */
  get queuedBytes(): number {
    return this.#queue.bytes + this.#connection.bufferedBytes;
  }

  /** Sends a frame to the neighbour itself. False: the queue is full, or the link is over. */
  sendFrame<Init>(
    type: MessageType<unknown, Init> & { readonly number: number },
    message: Init,
    bulk = false,
  ): boolean {
    const bytes = type.encode(message);
    const frameType = Uint8Array.of(type.number >> 8, type.number & 0xff);
    return this.send(PacketKind.NEIGHBOUR, this.peerId, [frameType, bytes], bulk);
  }

  /** Sends a packet of this node, the payload in parts. False: the queue is full, or the link is over. */
  send(kind: number, destination: Uint8Array, parts: readonly Uint8Array[], bulk: boolean): boolean {
    let bytes = 0;
    for (const part of parts) bytes += part.length;
    const outside = kind === PacketKind.CHANNEL;
    const batch = this.#over
      ? undefined
      : this.#queue.reserve(outside ? 0 : bytes, outside ? bytes : 0, bulk);
    if (batch === undefined) return false;
    const { buffer, entryAt } = batch;
    writeHeader(buffer, entryAt, kind, bulk ? FLAG_BULK : 0, destination, this.#ownId);
    buffer.writeUInt32BE(bytes, entryAt + HEADER_BYTES);
    let at = outside ? batch.outerAt : entryAt + HEADER_BYTES + 4;
    for (const part of parts) {
      buffer.set(part, at);
      at += part.length;
    }
    this.#sendSoon();
    return true;
  }

  /**
   * Sends on a packet that came over another link: the header with another hop limit, the payload as it is, each
   * copied once. False: the queue is full, or the link is over.
   */
  forward(
    headers: Buffer,
    headerAt: number,
    hopLimit: number,
    payload: Buffer,
    payloadAt: number,
    payloadBytes: number,
    bulk: boolean,
  ): boolean {
    const outside = headers[headerAt + KIND_AT] === PacketKind.CHANNEL;
    const batch = this.#over
      ? undefined
      : this.#queue.reserve(outside ? 0 : payloadBytes, outside ? payloadBytes : 0, bulk);
    if (batch === undefined) return false;
    const { buffer, entryAt } = batch;
    // The header and, behind it, the length, which are the same in every batch.
    headers.copy(buffer, entryAt, headerAt, headerAt + HEADER_BYTES + 4);
    buffer[entryAt + HOP_LIMIT_AT] = hopLimit;
    const to = outside ? batch.outerAt : entryAt + HEADER_BYTES + 4;
    payload.copy(buffer, to, payloadAt, payloadAt + payloadBytes);
    this.#sendSoon();
    return true;
  }

  /** Ends the link; what waits is dropped. The first call counts. */
  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
    this.#end(code, reason);
  }

  /** Sends what waits, then closes. */
  closeAfterSending(code: number, reason: string): void {
    this.#flush();
    this.close(code, reason);
  }

  #sendSoon(): void {
    if (this.#queue.hasFullBatch) {
      this.#flush();
      return;
    }
    if (this.#flushing) return;
    this.#flushing = true;
    this.#options.turn.soon(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (!this.#over && !this.#queue.isEmpty) {
      const limit = this.#queue.hasInteractive ? INTERACTIVE_BUFFER_BYTES : BULK_BUFFER_BYTES;
      // What is left goes when the connection says that it has drained.
      if (this.#connection.bufferedBytes >= limit) return;
      if (this.#sealing.counter >= this.#batchesPerKey) {
        this.close(CloseCode.RENEW, "the key has sealed as many batches as it may");
        return;
      }
      const batch = this.#queue.shift();
      if (batch === undefined) return;
      this.#connection.send(batch.seal(this.#sealing), () => batch.release());
    }
  }

  #receive(message: Uint8Array): void {
    if (this.#over) return;
    this.#heartbeat.heard();
    const bytes = Buffer.isBuffer(message)
      ? message
      : Buffer.from(message.buffer, message.byteOffset, message.byteLength);
    try {
      readBatch(bytes, this.#opening, this.#packet);
      freeAtOnce(bytes);
    } catch (error) {
      this.close(CloseCode.BAD_MESSAGE, StatusError.from(error).message);
      return;
    }
    if (this.#opening.counter >= this.#batchesPerKey && !this.#over) {
      this.close(CloseCode.RENEW, "the key has opened as many batches as it may");
    }
  }

  readonly #packet = (
    headers: Buffer,
    headerAt: number,
    payload: Buffer,
    payloadAt: number,
    payloadBytes: number,
  ): void => {
    // A packet before this one in the batch may have ended the link.
    if (this.#over) return;
    if (!this.#confirmed) {
      this.#confirmed = true;
      this.#options.events.confirmed(this);
      if (this.#over) return;
    }
    if (headers[headerAt + KIND_AT] === PacketKind.NEIGHBOUR) {
      if (payloadBytes < FRAME_TYPE_BYTES) return;
      const type = payload.readUInt16BE(payloadAt);
      this.#frame(type, payload.subarray(payloadAt + FRAME_TYPE_BYTES, payloadAt + payloadBytes));
    } else {
      this.#options.events.packet(this, headers, headerAt, payload, payloadAt, payloadBytes);
    }
  };

  #frame(type: number, message: Buffer): void {
    if (type === HeartbeatFrame.number) {
      this.sendFrame(HeartbeatAnswer, { number: HeartbeatFrame.decode(message).number });
    } else if (type === HeartbeatAnswer.number) {
      this.#heartbeat.answered(HeartbeatAnswer.decode(message).number);
    } else {
      this.#options.events.frame(this, type, message);
    }
  }

  #end(code: number, reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#heartbeat.stop();
    this.#queue.clear();
    this.#options.events.closed(this, code, reason);
  }
}
