import type { CipherState } from "@clawmatrix/identity";
import { PacketKind, StatusCode, StatusError } from "@clawmatrix/protocol";
import { BATCH_OVERHEAD_BYTES, ENTRY_BYTES, HEADER_BYTES, MAX_PAYLOAD_BYTES } from "./limits.ts";
import { KIND_AT } from "./packet-header.ts";

/**
 * Takes a packet where it lies: its header begins at `headerAt` of `headers`, its payload at `payloadAt` of
 * `payload`. The payload of a channel's packet is there until this returns; the rest stays valid.
 */
export type PacketSink = (
  headers: Buffer,
  headerAt: number,
  payload: Buffer,
  payloadAt: number,
  payloadBytes: number,
) => void;

/**
 * Opens a batch and hands out its packets in their order. Throws StatusError, UNAUTHENTICATED or INVALID_ARGUMENT,
 * where a byte of the sealed part or a length is not what the sender wrote; the link is of no use then.
 */
export function readBatch(message: Buffer, cipher: CipherState, sink: PacketSink): void {
  if (message.length < BATCH_OVERHEAD_BYTES) throw malformed("a batch is too short");
  const entriesBytes = message.readUInt32BE(0);
  let outerAt = BATCH_OVERHEAD_BYTES + entriesBytes;
  if (outerAt > message.length) throw malformed("a batch is shorter than it says");
  const opened = cipher.open(message.subarray(4, outerAt), message.subarray(0, 4));
  const entries = Buffer.isBuffer(opened)
    ? opened
    : Buffer.from(opened.buffer, opened.byteOffset, opened.byteLength);
  for (let at = 0; at < entriesBytes; ) {
    if (entriesBytes - at < ENTRY_BYTES) throw malformed("an entry of a batch is cut off");
    const bytes = entries.readUInt32BE(at + HEADER_BYTES);
    if (bytes > MAX_PAYLOAD_BYTES) throw malformed("a packet is longer than allowed");
    const headerAt = at;
    at += ENTRY_BYTES;
    if (entries[headerAt + KIND_AT] === PacketKind.CHANNEL) {
      if (outerAt + bytes > message.length) throw malformed("a payload of a batch is cut off");
      sink(entries, headerAt, message, outerAt, bytes);
      outerAt += bytes;
    } else {
      if (at + bytes > entriesBytes) throw malformed("a payload of a batch is cut off");
      sink(entries, headerAt, entries, at, bytes);
      at += bytes;
    }
  }
  if (outerAt !== message.length) throw malformed("a batch is longer than it says");
}

function malformed(message: string): StatusError {
  return new StatusError(StatusCode.INVALID_ARGUMENT, message, { reason: "bad-batch" });
}
