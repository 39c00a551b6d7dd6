import { isUtf8 } from "node:buffer";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { membersOf } from "./json-members.ts";

/** The bytes of one JSON value in UTF-8. What ACP carries is passed on in this form, never parsed and printed again. */
export type JsonBytes = Uint8Array;

export type JsonObject = Readonly<Record<string, unknown>>;

/** `value` as JSON. It must be one that JSON knows. */
export function toJson(value: unknown): JsonBytes {
  return Buffer.from(JSON.stringify(value));
}

/** The value of JSON that is known to be valid; undefined for no bytes at all. */
export function fromJson(bytes: JsonBytes): unknown {
  return bytes.length === 0
    ? undefined
    : JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object of these members in this order; those without a value are left out. */
export function writeObject(members: Iterable<readonly [string, JsonBytes | undefined]>): JsonBytes {
  const pieces: Uint8Array[] = [];
  for (const [name, value] of members) {
    if (value !== undefined)
      pieces.push(Buffer.from(`${pieces.length === 0 ? "{" : ","}${JSON.stringify(name)}:`), value);
  }
  if (pieces.length === 0) return Buffer.from("{}");
  pieces.push(Buffer.from("}"));
  return Buffer.concat(pieces);
}

/** `members`, and after them what `extra` (an object, or no bytes) has besides. */
export function writeObjectWith(
  extra: JsonBytes,
  members: readonly (readonly [string, JsonBytes | undefined])[],
): JsonBytes {
  if (extra.length === 0) return writeObject(members);
  const named = new Set(members.map(([name]) => name));
  return writeObject([...members, ...[...membersOf(extra)].filter(([name]) => !named.has(name))]);
}

export type JsonKind = "object" | "array" | "value";

/**
 * JSON that came from a caller, fit to stand on one line of ACP: no bytes stay no bytes.
 * @throws StatusError INVALID_ARGUMENT naming `what` if it is not UTF-8, not JSON, or not of this kind.
 */
export function checkJson(bytes: Uint8Array, what: string, kind: JsonKind): JsonBytes {
  if (bytes.length === 0) return bytes;
  let value: unknown;
  try {
    if (!isUtf8(bytes)) throw new Error("it is not UTF-8");
    value = fromJson(bytes);
  } catch (cause) {
    throw new StatusError(StatusCode.INVALID_ARGUMENT, `${what} is not valid JSON`, {
      reason: "bad-json",
      cause,
    });
  }
  const fits = kind === "value" || (kind === "array" ? Array.isArray(value) : isJsonObject(value));
  if (!fits) {
    throw new StatusError(StatusCode.INVALID_ARGUMENT, `${what} must be a JSON ${kind}`, {
      reason: "bad-json",
    });
  }
  return withoutLineEnds(bytes);
}

/** In valid JSON line ends stand only between values, where a blank says the same. */
function withoutLineEnds(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(0x0a) && !bytes.includes(0x0d)) return bytes;
  return bytes.map((byte) => (byte === 0x0a || byte === 0x0d ? 0x20 : byte));
}
