const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const SPACE = 0x20;

const decoder = new TextDecoder();

/**
 * The members of a JSON object as the bytes that stand there: numbers too large for JavaScript, the order and even the
 * doubling of inner keys survive. Of members with one name the last counts, as for JSON.parse.
 *
 * `bytes` must be one valid JSON object (JSON.parse has taken it); the result holds views of it.
 */
export function membersOf(bytes: Uint8Array): Map<string, Uint8Array> {
  const members = new Map<string, Uint8Array>();
  let at = skipBlanks(bytes, 0) + 1;
  for (;;) {
    at = skipBlanks(bytes, at);
    if (at >= bytes.length || bytes[at] === CLOSE_BRACE) return members;
    if (bytes[at] === COMMA) {
      at++;
      continue;
    }
    const keyEnd = skipString(bytes, at);
    const key: unknown = JSON.parse(decoder.decode(bytes.subarray(at, keyEnd)));
    at = skipBlanks(bytes, keyEnd);
    if (bytes[at] === COLON) at++;
    const start = skipBlanks(bytes, at);
    at = skipValue(bytes, start);
    members.set(String(key), bytes.subarray(start, at));
  }
}

function skipBlanks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at]! <= SPACE) at++;
  return at;
}

/** From an opening quote to behind the closing one. */
function skipString(bytes: Uint8Array, from: number): number {
  let at = from + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at + 1;
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
