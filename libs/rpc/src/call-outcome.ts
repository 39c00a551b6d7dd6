import type { StatusError } from "@clawmatrix/protocol";
import { decodeStatus, encodeStatus } from "./call-status.ts";

/** How an executed call ended: its last response, if there was one and it is small, and its status. */
export interface CallOutcome {
  /** The bytes of the last response; undefined: there was none. */
  readonly response: Uint8Array | undefined;
  /** There was more to the answer than is kept. */
  readonly isPartial: boolean;
  /** Undefined: OK. */
  readonly error: StatusError | undefined;
}

const HAS_RESPONSE = 1;
const IS_PARTIAL = 2;
const HAS_ERROR = 4;

/** An outcome in bytes, for the store: a byte of flags, then the status, or else the response. */
export function encodeOutcome({ response, isPartial, error }: CallOutcome): Uint8Array {
  const flags =
    (response === undefined ? 0 : HAS_RESPONSE) |
    (isPartial ? IS_PARTIAL : 0) |
    (error === undefined ? 0 : HAS_ERROR);
  const status = encodeStatus(error);
  const head = Buffer.alloc(5);
  head[0] = flags;
  head.writeUInt32BE(status.length, 1);
  return Buffer.concat([head, status, response ?? new Uint8Array(0)]);
}

/** Reads what `encodeOutcome` wrote. Throws for anything else. */
export function decodeOutcome(bytes: Uint8Array): CallOutcome {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const flags = buffer.readUInt8(0);
  const end = 5 + buffer.readUInt32BE(1);
  return {
    response: (flags & HAS_RESPONSE) === 0 ? undefined : buffer.subarray(end),
    isPartial: (flags & IS_PARTIAL) !== 0,
    error: (flags & HAS_ERROR) === 0 ? undefined : decodeStatus(buffer.subarray(5, end)),
  };
}
