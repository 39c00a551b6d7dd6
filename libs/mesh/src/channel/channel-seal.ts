import { createSecretKey, type KeyObject } from "node:crypto";
import { ReplayWindow } from "@clawmatrix/bounded";
import type { Clock } from "@clawmatrix/environment";
import type { NodeId, SessionKeys } from "@clawmatrix/identity";
import { NODE_ID_BYTES, nextKey, open, SEAL_TAG_BYTES, sealParts } from "@clawmatrix/identity";
import {
  ChannelPacket,
  joinNodeIds,
  readUint64,
  SEALED_HEADER_BYTES,
  writeUint32,
  writeUint64,
} from "./channel-packets.ts";

export interface ChannelSealOptions {
  readonly keys: SessionKeys;
  readonly local: NodeId;
  readonly peer: NodeId;
  /** The channel id that the peer has chosen: what this side sends is addressed to it. */
  readonly peerChannelId: number;
  readonly clock: Pick<Clock, "monotonic">;
}

/** A key is left for the next after this time, whatever it has sealed, … */
export const KEY_LIFETIME_MS = 10 * 60_000;
/** … after as many bytes, … */
const KEY_BYTES = 16 * 1024 ** 3;
/** … or as many packets, far below what ChaCha20-Poly1305 bears. */
const KEY_PACKETS = 2 ** 28;
/** Keys that a received counter may be ahead: each costs some 10 µs before the packet proves to be forged. */
const MOST_KEYS_AHEAD = 4;
/** The counter's upper 32 bits say which key. */
const KEY_STEP = 2 ** 32;
/** Packets may come in by so many behind the newest. */
const REPLAY_WIDTH = 8192;

/** A key in both its forms: the bytes, from which the next one follows, and what the cipher takes fastest. */
interface KeptKey {
  readonly bytes: Uint8Array;
  readonly forCipher: KeyObject;
}

/** Seals and opens the packets of one channel, in any order, each once, under keys that change with time and volume. */
export class ChannelSeal {
  readonly #options: ChannelSealOptions;
  readonly #replay = new ReplayWindow(REPLAY_WIDTH);
  /** Header, source and destination: what is authenticated besides the plaintext. */
  readonly #sentWith = new Uint8Array(SEALED_HEADER_BYTES + 2 * NODE_ID_BYTES);
  readonly #receivedWith = new Uint8Array(SEALED_HEADER_BYTES + 2 * NODE_ID_BYTES);
  #sendKey: KeptKey;
  #receiveKey: KeptKey;
  #sendCounter = 0;
  #receiveEpoch = 0;
  #keyBytes = 0;
  #keySince: number;

  constructor(options: ChannelSealOptions) {
    this.#options = options;
    this.#sendKey = keep(options.keys.sendKey);
    this.#receiveKey = keep(options.keys.receiveKey);
    this.#keySince = options.clock.monotonic();
    this.#sentWith.set(joinNodeIds(options.local, options.peer), SEALED_HEADER_BYTES);
    this.#receivedWith.set(joinNodeIds(options.peer, options.local), SEALED_HEADER_BYTES);
    this.#sentWith[0] = ChannelPacket.SEALED;
    writeUint32(options.peerChannelId, this.#sentWith, 1);
  }

  /** The packet that carries `plaintext`, under a counter of its own: parts to stand one behind the other. */
  seal(plaintext: Uint8Array): readonly Uint8Array[] {
    this.#moveOn(plaintext.length);
    const header = this.#sentWith;
    writeUint64(this.#sendCounter, header, 5);
    const { ciphertext, tag } = sealParts(this.#sendKey.forCipher, this.#sendCounter, header, plaintext);
    this.#sendCounter++;
    return [header.slice(0, SEALED_HEADER_BYTES), ciphertext, tag];
  }

  /** What a packet carries; undefined if it is forged, damaged, or was here before. */
  open(packet: Uint8Array): Uint8Array | undefined {
    if (packet.length < SEALED_HEADER_BYTES + SEAL_TAG_BYTES) return undefined;
    const counter = readUint64(packet, 5);
    if (this.#replay.look(counter) !== "new") return undefined;
    const epoch = Math.floor(counter / KEY_STEP);
    const ahead = epoch - this.#receiveEpoch;
    // What is sealed under an earlier key comes too late: its sender will send it again.
    if (ahead < 0 || ahead > MOST_KEYS_AHEAD) return undefined;
    let key = this.#receiveKey;
    for (let i = 0; i < ahead; i++) key = keep(nextKey(key.bytes));
    this.#receivedWith.set(packet.subarray(0, SEALED_HEADER_BYTES), 0);
    const plaintext = open(key.forCipher, counter, this.#receivedWith, packet.subarray(SEALED_HEADER_BYTES));
    if (plaintext === undefined) return undefined;
    this.#replay.accept(counter);
    this.#receiveKey = key;
    this.#receiveEpoch = epoch;
    return plaintext;
  }

  toJSON(): string {
    return "[secret channel keys]";
  }

  #moveOn(bytes: number): void {
    const now = this.#options.clock.monotonic();
    const packets = this.#sendCounter % KEY_STEP;
    const spent = this.#keyBytes + bytes > KEY_BYTES || packets >= KEY_PACKETS;
    if (spent || (packets > 0 && now - this.#keySince >= KEY_LIFETIME_MS)) {
      this.#sendKey = keep(nextKey(this.#sendKey.bytes));
      this.#sendCounter = (Math.floor(this.#sendCounter / KEY_STEP) + 1) * KEY_STEP;
      this.#keyBytes = 0;
      this.#keySince = now;
    }
    this.#keyBytes += bytes;
  }
}

function keep(bytes: Uint8Array): KeptKey {
  return { bytes, forCipher: createSecretKey(bytes) };
}
