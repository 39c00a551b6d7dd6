import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

/**
 * What bytes are as a message, in the strict reading of the protobuf specification: "valid"; "foreign" where a field
 * comes in another wire type than its own, and is to be kept as unknown; or "invalid" where something reaches past
 * its end, a text is not UTF-8, a number too long. Written for clarity, as the referee between decoders.
 */
export function verdictOn(desc: DescMessage, bytes: Uint8Array): "valid" | "foreign" | "invalid" {
  const seen = { foreign: false };
  try {
    walk(desc, bytes, seen);
  } catch (failure) {
    if (failure instanceof Invalid) return "invalid";
    throw failure;
  }
  return seen.foreign ? "foreign" : "valid";
}

interface Seen {
  foreign: boolean;
}

class Invalid extends Error {}

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const START_GROUP = 3;
const END_GROUP = 4;
const FIXED_32 = 5;

function walk(desc: DescMessage, bytes: Uint8Array, seen: Seen): void {
  let position = 0;
  while (position < bytes.length) position = field(desc, bytes, position, seen);
}

/** Walks over one field, and returns the position behind it. */
function field(desc: DescMessage | undefined, bytes: Uint8Array, position: number, seen: Seen): number {
  const [tag, start] = varint(bytes, position, 5);
  if (tag > 0xffffffffn) throw new Invalid();
  const number = Number(tag >> 3n);
  const wire = Number(tag & 7n);
  if (number === 0) throw new Invalid();
  const named = desc?.fields.find((candidate) => candidate.number === number);
  const known = named !== undefined && wire === wireTypeOf(named) ? named : undefined;
  if (named !== known) seen.foreign = true;
  if (wire === LENGTH_DELIMITED) {
    const [length, from] = varint(bytes, start, 10);
    const end = from + Number(BigInt.asUintN(32, length));
    if (end > bytes.length) throw new Invalid();
    if (known !== undefined) content(known, bytes.subarray(from, end), seen);
    return end;
  }
  if (wire === START_GROUP) return group(bytes, start, number, seen);
  const end = wire === VARINT ? varint(bytes, start, 10)[1] : start + fixedSize(wire);
  if (end > bytes.length) throw new Invalid();
  return end;
}

function content(known: DescField, bytes: Uint8Array, seen: Seen): void {
  if (known.message !== undefined) walk(known.message, bytes, seen);
  if (known.scalar !== ScalarType.STRING) return;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Invalid();
  }
}

function group(bytes: Uint8Array, from: number, number: number, seen: Seen): number {
  let position = from;
  while (position < bytes.length) {
    const [tag, next] = varint(bytes, position, 5);
    if (Number(tag & 7n) === END_GROUP) {
      if (Number(tag >> 3n) !== number) throw new Invalid();
      return next;
    }
    position = field(undefined, bytes, position, seen);
  }
  throw new Invalid();
}

function varint(bytes: Uint8Array, from: number, maxLength: number): [bigint, number] {
  let value = 0n;
  for (let i = 0; i < maxLength; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) throw new Invalid();
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return [value, from + i + 1];
  }
  throw new Invalid();
}

function fixedSize(wire: number): number {
  if (wire === FIXED_64) return 8;
  if (wire === FIXED_32) return 4;
  throw new Invalid();
}

function wireTypeOf(known: DescField): number {
  if (known.message !== undefined) return LENGTH_DELIMITED;
  if (known.enum !== undefined) return VARINT;
  if (known.scalar === ScalarType.DOUBLE) return FIXED_64;
  return known.scalar === ScalarType.STRING || known.scalar === ScalarType.BYTES ? LENGTH_DELIMITED : VARINT;
}
