/** Writes a tag of one or two bytes, which fields up to 2047 have. Returns the position behind it. */
export function putTag(bytes: Uint8Array, position: number, tag: number): number {
  if (tag < 0x80) {
    bytes[position] = tag;
    return position + 1;
  }
  bytes[position] = (tag & 0x7f) | 0x80;
  bytes[position + 1] = tag >>> 7;
  return position + 2;
}

/** Writes an unsigned number of 32 bits, for which there must be room for five bytes. Returns the position behind it. */
export function putVarint(bytes: Uint8Array, position: number, value: number): number {
  while (value >= 0x80) {
    bytes[position++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  bytes[position] = value;
  return position + 1;
}

/** How many bytes an unsigned number of 32 bits takes. */
export function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}
