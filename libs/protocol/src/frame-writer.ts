import type { UnknownField } from "@bufbuild/protobuf";
import { StatusCode } from "./gen/clawmatrix/v1/enums.ts";
import { StatusError } from "./status-error.ts";
import { encodeText } from "./text.ts";
import { putTag, putVarint, varintBytes } from "./varint.ts";

/** Room to begin with, where nothing else is said. */
const DEFAULT_CAPACITY_BYTES = 1024;

/** Up to here copying byte by byte is faster than a call. */
const SHORT_BYTES = 8;
const SHORT_TEXT = 28;

/** A tag and a length. */
const TAG_BYTES = 2;
const LENGTH_BYTES = 5;

const scratch = new DataView(new ArrayBuffer(8));

/**
 * Bytes that grow. Messages write themselves into it (`type.writeTo(message, writer)`), so that a channel can put
 * header and message straight into its segment: write at `position`, take the bytes from `bytes`, and set
 * `position` back to use the memory again.
 *
 * `bytes` is another array after each growth: read it after writing, not before.
 */
export class FrameWriter {
  bytes: Uint8Array;
  /** Where the next byte goes. */
  position = 0;

  /** @param capacity bytes to begin with */
  constructor(capacity: number = DEFAULT_CAPACITY_BYTES) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Makes room for `count` bytes more. */
  reserve(count: number): void {
    const needed = this.position + count;
    if (needed > this.bytes.length) this.#grow(needed);
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.position));
    this.bytes = grown;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.position++] = value;
  }

  /** Two bytes, big-endian, as in the headers of frames. */
  uint16(value: number): void {
    this.reserve(2);
    this.bytes[this.position++] = value >>> 8;
    this.bytes[this.position++] = value;
  }

  /** An unsigned number of up to 32 bits as a varint. */
  varint(value: number): void {
    this.reserve(LENGTH_BYTES);
    this.position = putVarint(this.bytes, this.position, value);
  }

  /** A copy of `value`. */
  raw(value: Uint8Array): void {
    this.reserve(value.length);
    this.#copy(value);
  }

  #copy(value: Uint8Array): void {
    const { bytes, position } = this;
    const { length } = value;
    if (length <= SHORT_BYTES) for (let i = 0; i < length; i++) bytes[position + i] = value[i]!;
    else bytes.set(value, position);
    this.position = position + length;
  }

  string(tag: number, value: string): void {
    const { length } = value;
    if (length > SHORT_TEXT) {
      this.#longString(tag, value);
      return;
    }
    this.reserve(TAG_BYTES + 1 + length);
    const { bytes } = this;
    let position = putTag(bytes, this.position, tag);
    bytes[position++] = length;
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) {
        this.#longString(tag, value);
        return;
      }
      bytes[position + i] = unit;
    }
    this.position = position + length;
  }

  #longString(tag: number, value: string): void {
    const { length } = value;
    this.reserve(TAG_BYTES + LENGTH_BYTES + length * 3);
    const { bytes } = this;
    const position = putTag(bytes, this.position, tag);
    const width = varintBytes(length);
    const written = encodeText(value, bytes, position + width);
    const needed = varintBytes(written);
    if (needed !== width) bytes.copyWithin(position + needed, position + width, position + width + written);
    this.position = putVarint(bytes, position, written) + written;
  }

  bytesField(tag: number, value: Uint8Array): void {
    this.reserve(TAG_BYTES + LENGTH_BYTES + value.length);
    this.position = putVarint(this.bytes, putTag(this.bytes, this.position, tag), value.length);
    this.#copy(value);
  }

  bool(tag: number, value: boolean): void {
    this.reserve(TAG_BYTES + 1);
    const position = putTag(this.bytes, this.position, tag);
    this.bytes[position] = value ? 1 : 0;
    this.position = position + 1;
  }

  uint32(tag: number, value: number): void {
    this.#tag(tag);
    this.uint32Value(value);
  }

  int32(tag: number, value: number): void {
    this.#tag(tag);
    this.int32Value(value);
  }

  uint64(tag: number, value: bigint): void {
    this.#tag(tag);
    this.uint64Value(value);
  }

  int64(tag: number, value: bigint): void {
    this.#tag(tag);
    this.int64Value(value);
  }

  double(tag: number, value: number): void {
    this.#tag(tag);
    this.doubleValue(value);
  }

  boolValue(value: boolean): void {
    this.byte(value ? 1 : 0);
  }

  uint32Value(value: number): void {
    if (value >>> 0 !== value) outOfRange(value, "uint32");
    this.varint(value);
  }

  int32Value(value: number): void {
    if ((value | 0) !== value) outOfRange(value, "int32");
    if (value >= 0) this.varint(value);
    else this.#varint64(value >>> 0, 0xffffffff);
  }

  uint64Value(value: bigint): void {
    if (BigInt.asUintN(64, value) !== value) outOfRange(value, "uint64");
    scratch.setBigUint64(0, value, true);
    this.#varint64(scratch.getUint32(0, true), scratch.getUint32(4, true));
  }

  int64Value(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) outOfRange(value, "int64");
    scratch.setBigInt64(0, value, true);
    this.#varint64(scratch.getUint32(0, true), scratch.getUint32(4, true));
  }

  doubleValue(value: number): void {
    this.reserve(8);
    scratch.setFloat64(0, value, true);
    for (let i = 0; i < 8; i++) this.bytes[this.position++] = scratch.getUint8(i);
  }

  /** Begins something that stands behind its length. Returns what `end` wants. */
  begin(tag: number): number {
    this.reserve(TAG_BYTES + 1);
    this.position = putTag(this.bytes, this.position, tag) + 1;
    return this.position;
  }

  /** Ends what began at `start`: puts its length before it. */
  end(start: number): void {
    const length = this.position - start;
    if (length < 0x80) {
      this.bytes[start - 1] = length;
      return;
    }
    const extra = varintBytes(length) - 1;
    this.reserve(extra);
    this.bytes.copyWithin(start + extra, start, this.position);
    putVarint(this.bytes, start - 1, length);
    this.position += extra;
  }

  /** Fields that this version does not know, as they came. */
  unknown(fields: readonly UnknownField[]): void {
    for (const { no, wireType, data } of fields) {
      this.varint(((no << 3) | wireType) >>> 0);
      this.raw(data);
    }
  }

  #tag(tag: number): void {
    this.reserve(TAG_BYTES);
    this.position = putTag(this.bytes, this.position, tag);
  }

  #varint64(low: number, high: number): void {
    this.reserve(10);
    const { bytes } = this;
    let { position } = this;
    while (high > 0) {
      bytes[position++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.position = putVarint(bytes, position, low);
  }
}

function outOfRange(value: number | bigint, type: string): never {
  throw new StatusError(StatusCode.INVALID_ARGUMENT, `cannot encode a message: ${value} is not a ${type}`, {
    reason: "value-out-of-range",
  });
}
