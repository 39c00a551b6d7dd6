import { StatusCode, StatusError } from "@clawmatrix/protocol";
import type { OutgoingFrame } from "./frame-conduit.ts";

/** Bits of a frame's flags above the dedup class. */
export const FrameFlag = {
  /** The payload begins with the length and bytes of a CallHeader. */
  OPEN: 8,
  /** The sender sends nothing more in this call. */
  END: 16,
  /** The message goes on in the next frame of the same call and type. */
  MORE: 32,
} as const;

/** The bits of the flags that hold the dedup class. */
export const DEDUP_CLASS_MASK = 7;

/** On a stream of bytes the frame's length (4); type (2), flags (1), call number and payload length (8 and 5 at most). */
export const MAX_FRAME_HEADER_BYTES = 20;

/** The most that one frame's header and payload may take: CALL_LIMIT_MAX_FRAME_BYTES, a CallHeader, and room for newer fields. */
export const MAX_FRAME_BYTES = 40_960;

/** Told of each frame of a buffer: `payload` lies from `start` to `end`. */
export type FrameVisitor = (
  type: number,
  flags: number,
  call: number,
  bytes: Uint8Array,
  start: number,
  end: number,
) => void;

/** Bytes of a frame on the wire. */
export function frameBytes(frame: OutgoingFrame, call: number): number {
  const length = payloadBytes(frame);
  return 3 + varintBytes(call) + varintBytes(length) + length;
}

/** Writes a frame at `at`; returns where it ends. There must be room for `frameBytes`. */
export function writeFrame(frame: OutgoingFrame, call: number, out: Uint8Array, at: number): number {
  out[at] = frame.type >>> 8;
  out[at + 1] = frame.type;
  out[at + 2] = frame.flags;
  let to = writeVarint(call, out, at + 3);
  to = writeVarint(payloadBytes(frame), out, to);
  const { header, payload } = frame;
  if (header !== undefined) {
    to = writeVarint(header.length, out, to);
    out.set(header, to);
    to += header.length;
  }
  if (payload.length > 0) out.set(payload, to);
  return to + payload.length;
}

/** Reads the frames from `start` to the end of `bytes`. Throws StatusError INVALID_ARGUMENT where they are malformed. */
export function readFrames(bytes: Uint8Array, start: number, visit: FrameVisitor): void {
  const end = bytes.length;
  let at = start;
  while (at < end) {
    if (at + 5 > end) throw badFrame("a frame's header is cut off");
    const type = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    const flags = bytes[at + 2] as number;
    at += 3;
    let call = bytes[at] as number;
    let length = 0;
    if (call < 0x80) at++;
    else {
      call = readVarint(bytes, at, end);
      at += varintSpan(bytes, at);
    }
    if (at >= end) throw badFrame("a frame's header is cut off");
    length = bytes[at] as number;
    if (length < 0x80) at++;
    else {
      length = readVarint(bytes, at, end);
      at += varintSpan(bytes, at);
    }
    if (length > end - at) throw badFrame("a frame is longer than what holds it");
    visit(type, flags, call, bytes, at, at + length);
    at += length;
  }
}

/** Splits the payload of a frame with FrameFlag.OPEN. Throws StatusError INVALID_ARGUMENT where it is malformed. */
export function splitOpening(payload: Uint8Array): { header: Uint8Array; payload: Uint8Array } {
  if (payload.length === 0) throw badFrame("a frame that opens a call has no header");
  const length = readVarint(payload, 0, payload.length);
  const start = varintSpan(payload, 0);
  if (length > payload.length - start) throw badFrame("a call's header is cut off");
  return { header: payload.subarray(start, start + length), payload: payload.subarray(start + length) };
}

/** What is malformed in a frame ends the channel or connection that carried it. */
export function badFrame(message: string): StatusError {
  return new StatusError(StatusCode.INVALID_ARGUMENT, `the peer sent what is no frame: ${message}`, {
    reason: "bad-frame",
  });
}

/** Bytes of a frame behind its payload length. */
export function payloadBytes(frame: OutgoingFrame): number {
  const { header, payload } = frame;
  return header === undefined ? payload.length : varintBytes(header.length) + header.length + payload.length;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}

function writeVarint(value: number, out: Uint8Array, at: number): number {
  let to = at;
  let rest = value;
  while (rest >= 0x80) {
    out[to++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  out[to++] = rest;
  return to;
}

/** Numbers up to 2^53 - 1, in 8 bytes at most. */
function readVarint(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  let scale = 1;
  for (let i = at; i < end && i < at + 8; i++) {
    const byte = bytes[i] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      if (value > Number.MAX_SAFE_INTEGER) break;
      return value;
    }
    scale *= 0x80;
  }
  throw badFrame("a number in a frame's header is cut off or too large");
}

function varintSpan(bytes: Uint8Array, at: number): number {
  let span = 1;
  while ((bytes[at + span - 1] as number) >= 0x80) span++;
  return span;
}
