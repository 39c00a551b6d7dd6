/** The longest UTF-8 sequence is four bytes: a boundary is never further away than three. */
const LONGEST_CONTINUATION = 3;

/** The first `maxBytes` bytes, or up to three fewer, so that no UTF-8 character is split. */
export function headBytes(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length <= maxBytes) return bytes;
  let end = maxBytes;
  while (end > 0 && maxBytes - end < LONGEST_CONTINUATION && continues(bytes[end])) end--;
  return bytes.subarray(0, end);
}

/** The last `maxBytes` bytes, or up to three fewer, so that no UTF-8 character is split. */
export function tailBytes(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length <= maxBytes) return bytes;
  const cut = bytes.length - maxBytes;
  let start = cut;
  while (start < bytes.length && start - cut < LONGEST_CONTINUATION && continues(bytes[start])) start++;
  return bytes.subarray(start);
}

/** At most `maxLength` UTF-16 units of a text, with an ellipsis where something was left out. */
export function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const end = isHighSurrogate(text.charCodeAt(maxLength - 2)) ? maxLength - 2 : maxLength - 1;
  return `${text.slice(0, end)}…`;
}

/** A size for people: `340 B`, `12 kB`, `1.4 MB`. */
export function showBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1_000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function continues(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
