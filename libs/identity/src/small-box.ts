import type { Random } from "@clawmatrix/environment";
import nacl from "tweetnacl";
import { malformed } from "./refusal.ts";

/** Bytes by which a small box is longer than what is in it: nonce (24) and tag (16). */
export const SMALL_BOX_OVERHEAD_BYTES = nacl.secretbox.nonceLength + nacl.secretbox.overheadLength;
/** What goes into a small box at most: tweetnacl takes 12 ms per MiB. Larger things belong to `sealInto`. */
export const MAX_SMALL_BOX_BYTES = 65_536;

/**
 * Seals a small thing that lies somewhere rather than flows (an invitation, a value in a file) as NaCl's
 * secretbox under a 32-byte key: a random nonce, then the box.
 */
export function sealSmall(key: Uint8Array, plaintext: Uint8Array, random: Random): Uint8Array {
  if (plaintext.length > MAX_SMALL_BOX_BYTES) {
    throw malformed(`a small box holds ${MAX_SMALL_BOX_BYTES} bytes, not ${plaintext.length}`, "too-large");
  }
  const nonce = random.bytes(nacl.secretbox.nonceLength);
  return Uint8Array.from(Buffer.concat([nonce, nacl.secretbox(plaintext, nonce, key)]));
}

/** What `sealSmall` sealed; undefined for another key or changed bytes. */
export function openSmall(key: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  const length = sealed.length - SMALL_BOX_OVERHEAD_BYTES;
  if (length < 0 || length > MAX_SMALL_BOX_BYTES) return undefined;
  const nonce = sealed.slice(0, nacl.secretbox.nonceLength);
  return nacl.secretbox.open(sealed.slice(nacl.secretbox.nonceLength), nonce, key) ?? undefined;
}
