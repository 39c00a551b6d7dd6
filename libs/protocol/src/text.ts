import { Buffer } from "node:buffer";
import { shortText } from "./gen/clawmatrix/v1/short-text.ts";
import { malformed } from "./malformed-frame.ts";

/** Node's own routines behind Buffer.write and Buffer.toString, which work on any Uint8Array. */
interface Utf8Routines {
  utf8Write(this: Uint8Array, text: string, offset: number, length: number): number;
  utf8Slice(this: Uint8Array, start: number, end: number): string;
}

const { utf8Write, utf8Slice } = Buffer.prototype as unknown as Utf8Routines;

/** What a decoder puts in place of bytes that are no UTF-8. */
const REPLACEMENT = "\uFFFD";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Writes `text` at `position`, where there must be room for three bytes per UTF-16 unit. Returns the bytes written. */
export function encodeText(text: string, bytes: Uint8Array, position: number): number {
  return utf8Write.call(bytes, text, position, bytes.length - position);
}

/** Reads UTF-8; a byte order mark is text like any other. Throws on anything else. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  return shortText(bytes, start, end - start) ?? decodeAnyText(bytes, start, end);
}

function decodeAnyText(bytes: Uint8Array, start: number, end: number): string {
  const text = utf8Slice.call(bytes, start, end);
  // The mark of a wrong byte is also a character of its own: only where there is one, look closer.
  if (text.includes(REPLACEMENT)) checkText(bytes, start, end);
  return text;
}

function checkText(bytes: Uint8Array, start: number, end: number): void {
  try {
    strict.decode(bytes.subarray(start, end));
  } catch {
    malformed("a text is not UTF-8", start);
  }
}
