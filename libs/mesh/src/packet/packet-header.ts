import { INITIAL_HOP_LIMIT } from "./limits.ts";

/** The version of the packet format that this node reads and writes. */
export const PACKET_VERSION = 1;

/** Where the fields of a header are, from its first byte. They are read and written in place, without objects. */
export const VERSION_AT = 0;
export const HOP_LIMIT_AT = 1;
export const KIND_AT = 2;
export const FLAGS_AT = 3;
export const DESTINATION_AT = 4;
export const SOURCE_AT = 20;

/** The flag of packets that are dropped first where a queue is full. */
export const FLAG_BULK = 1;

const ID_BYTES = 16;

/** Writes the 36 bytes of a packet that begins its way here. */
export function writeHeader(
  out: Uint8Array,
  at: number,
  kind: number,
  flags: number,
  destination: Uint8Array,
  source: Uint8Array,
): void {
  out[at + VERSION_AT] = PACKET_VERSION;
  out[at + HOP_LIMIT_AT] = INITIAL_HOP_LIMIT;
  out[at + KIND_AT] = kind;
  out[at + FLAGS_AT] = flags;
  for (let i = 0; i < ID_BYTES; i++) {
    out[at + DESTINATION_AT + i] = destination[i] as number;
    out[at + SOURCE_AT + i] = source[i] as number;
  }
}

/** Whether the 16 bytes at `at` are those of `id` at `idAt`. */
export function sameId(bytes: Uint8Array, at: number, id: Uint8Array, idAt = 0): boolean {
  for (let i = 0; i < ID_BYTES; i++) if (bytes[at + i] !== id[idAt + i]) return false;
  return true;
}
