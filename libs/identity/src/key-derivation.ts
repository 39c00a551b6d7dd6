import { hkdfSync } from "node:crypto";

/** HKDF-SHA-256 (RFC 5869): `length` bytes (8160 at most) out of `material`, different for each `info` and `salt`. */
export function deriveKey(material: Uint8Array, salt: Uint8Array, info: string, length: number): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", material, salt, info, length));
}
