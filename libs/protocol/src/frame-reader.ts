import type { UnknownField } from "@bufbuild/protobuf";
import { malformed } from "./malformed-frame.ts";
import { decodeText } from "./text.ts";

/**
 * Messages, list entries and unknown fields in one message: each costs some hundred bytes of memory for as little as two
 * on the wire, so that without a bound 32 MiB from a peer would become gigabytes. The largest lists that services
 * send (1,000 rows, 10,000 lines) stay far below it.
 */
export const MAX_ELEMENTS = 100_000;

/** Groups within groups, which no message of ours has and a newer one may: deeper ones are refused. */
export const MAX_GROUP_DEPTH = 64;

/** A varint has ten bytes at most. */
const MAX_VARINT_BYTES = 10;

/** What of a tag's fifth byte fits into 32 bits. */
const LAST_TAG_BYTE = 0x0f;

const scratch = new DataView(new ArrayBuffer(8));

/**
 * Walks over the bytes of one message. The generated decoders are its only users. It checks each length against the end
 * of the message when it reads it; that a number did not run past the end, the decoders check when they are through.
 */
export class FrameReader {
  readonly bytes: Uint8Array;
  readonly limit: number;
  position: number;
  #elements = 0;

  constructor(bytes: Uint8Array, start: number, end: number) {
    if (start < 0 || start > end || end > bytes.length) malformed("the range lies outside the bytes", start);
    this.bytes = bytes;
    this.position = start;
    this.limit = end;
  }

  /** A field's number and wire type, as they stand on the wire. */
  tag(): number {
    const first = this.bytes[this.position]!;
    if (first < 0x80) {
      this.position++;
      return first;
    }
    return this.#longTag();
  }

  #longTag(): number {
    const start = this.position;
    const tag = this.#longVarint32();
    const length = this.position - start;
    if (length > 5 || (length === 5 && this.bytes[start + 4]! > LAST_TAG_BYTE))
      malformed("a tag is too long", start);
    return tag;
  }

  uint32(): number {
    const first = this.bytes[this.position]!;
    if (first < 0x80) {
      this.position++;
      return first;
    }
    return this.#longVarint32();
  }

  int32(): number {
    return this.uint32() | 0;
  }

  #longVarint32(): number {
    const { bytes } = this;
    let position = this.position;
    let byte = bytes[position++]!;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80 && shift < 32; shift += 7) {
      byte = bytes[position++]!;
      value |= (byte & 0x7f) << shift;
    }
    // A negative int32 has ten bytes, of which those past the 32nd bit only repeat the sign.
    while (byte >= 0x80) {
      if (position - this.position >= MAX_VARINT_BYTES) malformed("a number is too long", this.position);
      byte = bytes[position++]!;
    }
    this.position = position;
    return value >>> 0;
  }

  bool(): boolean {
    const first = this.bytes[this.position]!;
    if (first < 0x80) {
      this.position++;
      return first !== 0;
    }
    this.#varint64();
    return scratch.getUint32(0, true) !== 0 || scratch.getUint32(4, true) !== 0;
  }

  uint64(): bigint {
    this.#varint64();
    return scratch.getBigUint64(0, true);
  }

  int64(): bigint {
    this.#varint64();
    return scratch.getBigInt64(0, true);
  }

  #varint64(): void {
    const { bytes } = this;
    let position = this.position;
    let low = 0;
    let high = 0;
    let byte = 0x80;
    for (let shift = 0; byte >= 0x80 && shift < 28; shift += 7) {
      byte = bytes[position++]!;
      low |= (byte & 0x7f) << shift;
    }
    if (byte >= 0x80) {
      byte = bytes[position++]!;
      low |= (byte & 0x0f) << 28;
      high = (byte & 0x7f) >> 4;
      for (let shift = 3; byte >= 0x80 && shift < 32; shift += 7) {
        byte = bytes[position++]!;
        high |= (byte & 0x7f) << shift;
      }
      if (byte >= 0x80) malformed("a number is too long", this.position);
    }
    this.position = position;
    scratch.setUint32(0, low, true);
    scratch.setUint32(4, high, true);
  }

  double(): number {
    const { bytes, position } = this;
    if (position + 8 > this.limit) malformed("it ends inside a number", position);
    for (let i = 0; i < 8; i++) scratch.setUint8(i, bytes[position + i]!);
    this.position = position + 8;
    return scratch.getFloat64(0, true);
  }

  /** Reads a length, and returns the position at which what it measures ends. */
  length(): number {
    const end = this.uint32() + this.position;
    if (end > this.limit) malformed("a length reaches past the end", this.position);
    return end;
  }

  string(): string {
    const end = this.length();
    const start = this.position;
    this.position = end;
    return decodeText(this.bytes, start, end);
  }

  /** A view of the input. */
  bytesField(): Uint8Array {
    const end = this.length();
    const start = this.position;
    this.position = end;
    return this.#view(start, end);
  }

  /** A plain Uint8Array also where the input is a Buffer, whose `slice` and `toString` would do something else. */
  #view(start: number, end: number): Uint8Array {
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + start, end - start);
  }

  /** Counts an element of a list, and returns it. */
  element<T>(value: T): T {
    this.#count();
    return value;
  }

  #count(): void {
    if (++this.#elements > MAX_ELEMENTS)
      malformed(`it has more than ${MAX_ELEMENTS} elements`, this.position);
  }

  /** Adds the field after `tag` to the unknown ones. */
  unknown(tag: number, fields: UnknownField[] | undefined): UnknownField[] {
    this.#count();
    const no = tag >>> 3;
    const wireType = tag & 7;
    if (no === 0) malformed("a field has the number 0", this.position);
    const start = this.position;
    this.#skip(no, wireType, MAX_GROUP_DEPTH);
    if (this.position > this.limit) malformed("it ends inside a field", start);
    const field = { no, wireType, data: this.#view(start, this.position) };
    if (fields === undefined) return [field];
    fields.push(field);
    return fields;
  }

  #skip(no: number, wireType: number, depth: number): void {
    switch (wireType) {
      case 0:
        this.#skipVarint();
        break;
      case 1:
        this.position += 8;
        break;
      case 2:
        this.position = this.length();
        break;
      case 3:
        this.#skipGroup(no, depth);
        break;
      case 5:
        this.position += 4;
        break;
      default:
        malformed(`a field has the wire type ${wireType}`, this.position);
    }
  }

  #skipVarint(): void {
    for (let i = 0; i < MAX_VARINT_BYTES; i++) if (this.bytes[this.position++]! < 0x80) return;
    malformed("a number is too long, or it ends inside one", this.position);
  }

  #skipGroup(no: number, depth: number): void {
    if (depth === 0) malformed("its groups are nested too deep", this.position);
    while (this.position < this.limit) {
      const tag = this.tag();
      if ((tag & 7) === 4) {
        if (tag >>> 3 !== no) malformed("a group ends that had not begun", this.position);
        return;
      }
      if (tag >>> 3 === 0) malformed("a field has the number 0", this.position);
      this.#skip(tag >>> 3, tag & 7, depth - 1);
    }
    malformed("it ends inside a group", this.position);
  }

  /** The last field of a message reached past the message's end. */
  overrun(): never {
    malformed("a field reaches past the end of its message", this.position);
  }
}
