/** A message in protobuf's JSON form: bytes as base64, 64-bit numbers as text, enums by name. */
export type JsonForm = { readonly [field: string]: unknown };

export const AT = "1795340000123";
export const SESSION = "s-7f3a9c21d4e8";
export const HANDOFF = "h-20c4e17b55aa";
export const CWD = "/home/mara/src/api";

/** Bytes that look random and are always the same. */
export function bytes(length: number, seed: number): string {
  return Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 73 + seed * 31 + 7) & 0xff)).toString(
    "base64",
  );
}

export const LAPTOP = bytes(16, 1);
export const RELAY = bytes(16, 2);
export const SERVER = bytes(16, 3);

/** ACP's JSON in a field of bytes. */
export function json(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64");
}
