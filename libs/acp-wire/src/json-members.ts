const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const SPACE = 0x20;
const LAST_ASCII = 0x7f;

/** Strings longer than this are searched for their end at once, not byte by byte. */
const SHORT_STRING_BYTES = 64;

/** The members of an object as views of its bytes. */
export type JsonMembers = Map<string, Uint8Array>;

/**
 * The members of a JSON object as the bytes that stand there: numbers too large for JavaScript, the order and even the
 * doubling of inner keys survive. Of members with one name the last counts, as for JSON.parse.
 *
 * `bytes` must be one valid JSON object (JSON.parse has taken it); the result holds views of it.
 */
export function membersOf(bytes: Uint8Array): JsonMembers {
  return new MemberScan(bytes).object(0);
}

/** The same and, from the same pass, the members of the member `name`; undefined where that is no object. */
export function membersWithin(
  bytes: Uint8Array,
  name: string,
): { readonly members: JsonMembers; readonly inner: JsonMembers | undefined } {
  const scan = new MemberScan(bytes, name);
  return { members: scan.object(0), inner: scan.inner };
}

class MemberScan {
  readonly #bytes: Buffer;
  readonly #innerName: string | undefined;
  #end = 0;
  /** As of `membersWithin`. */
  inner: JsonMembers | undefined;

  constructor(bytes: Uint8Array, innerName?: string) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#innerName = innerName;
  }

  /** `from`: where the object begins, or blanks before it. */
  object(from: number, isOuter = true): JsonMembers {
    const bytes = this.#bytes;
    const members: JsonMembers = new Map();
    let at = skipBlanks(bytes, from) + 1;
    for (;;) {
      at = skipBlanks(bytes, at);
      if (at >= bytes.length || bytes[at] === CLOSE_BRACE) break;
      if (bytes[at] === COMMA) {
        at++;
        continue;
      }
      const keyEnd = skipString(bytes, at);
      const key = keyOf(bytes, at, keyEnd);
      at = skipBlanks(bytes, keyEnd);
      if (bytes[at] === COLON) at++;
      const start = skipBlanks(bytes, at);
      at = isOuter && key === this.#innerName ? this.#innerValue(start) : skipValue(bytes, start);
      members.set(key, bytes.subarray(start, at));
    }
    this.#end = at + 1;
    return members;
  }

  #innerValue(start: number): number {
    if (this.#bytes[start] !== OPEN_BRACE) {
      this.inner = undefined;
      return skipValue(this.#bytes, start);
    }
    this.inner = this.object(start, false);
    return this.#end;
  }
}

/** The string between these quotes. */
function keyOf(bytes: Buffer, from: number, end: number): string {
  for (let at = from + 1; at < end - 1; at++) {
    const byte = bytes[at] as number;
    if (byte === BACKSLASH || byte > LAST_ASCII) return String(JSON.parse(bytes.toString("utf8", from, end)));
  }
  return bytes.toString("latin1", from + 1, end - 1);
}

function skipBlanks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at]! <= SPACE) at++;
  return at;
}

/** From an opening quote to behind the closing one. */
function skipString(bytes: Uint8Array, from: number): number {
  let at = from + 1;
  const near = Math.min(bytes.length, at + SHORT_STRING_BYTES);
  while (at < near) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    at += byte === BACKSLASH ? 2 : 1;
  }
  for (;;) {
    const quote = bytes.indexOf(QUOTE, at);
    if (quote < 0) return bytes.length;
    const isEnd = backslashesBefore(bytes, quote, at) % 2 === 0;
    at = quote + 1;
    if (isEnd) return at;
  }
}

function backslashesBefore(bytes: Uint8Array, quote: number, first: number): number {
  let at = quote;
  while (at > first && bytes[at - 1] === BACKSLASH) at--;
  return quote - at;
}

function skipValue(bytes: Uint8Array, from: number): number {
  let at = from;
  let depth = 0;
  while (at < bytes.length) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      at = skipString(bytes, at);
      if (depth === 0) return at;
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (depth === 0 && (byte === COMMA || byte <= SPACE)) return at;
    at++;
  }
  return at;
}
