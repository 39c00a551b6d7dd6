import type { NodeId } from "@clawmatrix/identity";
import { NODE_ID_BYTES, nodeIdToBytes } from "@clawmatrix/identity";

/** The first byte of a packet of a channel. */
export const ChannelPacket = {
  HANDSHAKE_1: 1,
  HANDSHAKE_2: 2,
  HANDSHAKE_3: 3,
  SEALED: 4,
  RESET: 5,
} as const;

/** kind (1), the receiver's channel id (4), counter (8). */
export const SEALED_HEADER_BYTES = 13;
/** kind (1), and the channel id of the initiator (4). */
export const HANDSHAKE_1_HEADER_BYTES = 5;
/** The same, and the channel id of the responder (4). */
export const HANDSHAKE_HEADER_BYTES = 9;
/** kind (1), the channel id that is not known (4). */
export const RESET_BYTES = 5;
/** The sequence number at the beginning of a segment, with the priority in its highest bit. */
export const SEGMENT_HEADER_BYTES = 8;

const HIGH_BIT = 0x80000000;

export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) * 0x1000000 +
    (((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number))
  );
}

export function writeUint32(value: number, out: Uint8Array, at: number): void {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
}

/** A counter's 64 bits, as far as numbers are exact; more bits come out as a number that no window accepts. */
export function readUint64(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at) * 0x100000000 + readUint32(bytes, at + 4);
}

export function writeUint64(value: number, out: Uint8Array, at: number): void {
  writeUint32(Math.floor(value / 0x100000000), out, at);
  writeUint32(value >>> 0, out, at + 4);
}

/** The sequence number that a segment begins with, and whether it is one of the bulk segments. */
export function readSegmentHeader(segment: Uint8Array): { sequence: number; bulk: boolean } {
  const high = readUint32(segment, 0);
  const bulk = high >= HIGH_BIT;
  return { bulk, sequence: (bulk ? high - HIGH_BIT : high) * 0x100000000 + readUint32(segment, 4) };
}

export function writeSegmentHeader(sequence: number, bulk: boolean, out: Uint8Array): void {
  writeUint64(sequence, out, 0);
  if (bulk) out[0] = (out[0] as number) | 0x80;
}

/** The two node ids one behind the other. */
export function joinNodeIds(first: NodeId, second: NodeId): Uint8Array {
  const joined = new Uint8Array(2 * NODE_ID_BYTES);
  nodeIdToBytes(first, joined, 0);
  nodeIdToBytes(second, joined, NODE_ID_BYTES);
  return joined;
}

export function resetPacket(channelId: number): Uint8Array {
  const packet = new Uint8Array(RESET_BYTES);
  packet[0] = ChannelPacket.RESET;
  writeUint32(channelId, packet, 1);
  return packet;
}
