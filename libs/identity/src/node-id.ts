import { createHash } from "node:crypto";
import { malformed, requireLength } from "./refusal.ts";

/**
 * Who a node is: base32 (RFC 4648, lower case, no padding) of 16 bytes, 26 characters without dashes. The same
 * string is the key of maps and what logs and JSON hold; reading one from a packet's header costs some 40 ns more
 * than 16 raw characters would. (`<` orders node ids by these characters, not by their bytes.)
 */
export type NodeId = string & { readonly __nodeId: unique symbol };

/** Bytes of a node id, in packets and in proto fields. */
export const NODE_ID_BYTES = 16;
/** Characters of a node id, without dashes. */
export const NODE_ID_CHARACTERS = 26;

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
/** Characters between two dashes where people see a node id. */
const GROUP = 4;
/** By five bits, the character's code. */
const CODES = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
/** By the character's code (ASCII), its five bits; 255 for all others. Capitals count as their lower case. */
const BITS = new Uint8Array(128).fill(255);
for (let i = 0; i < 32; i++) {
  BITS[CODES[i] as number] = i;
  BITS[(ALPHABET[i] as string).toUpperCase().charCodeAt(0)] = i;
}

/** The node id of two public keys: the first 16 bytes of SHA-256 over both. Throws StatusError for wrong lengths. */
export function nodeIdFromKeys(signingKey: Uint8Array, agreementKey: Uint8Array): NodeId {
  requireLength("an Ed25519 public key", signingKey, 32);
  requireLength("an X25519 public key", agreementKey, 32);
  return nodeIdFromBytes(createHash("sha256").update(signingKey).update(agreementKey).digest());
}

/** Reads the 16 bytes at `offset`. Any 16 bytes are a node id; fewer are a RangeError. */
export function nodeIdFromBytes(bytes: Uint8Array, offset = 0): NodeId {
  if (offset < 0 || offset + NODE_ID_BYTES > bytes.length) throw new RangeError("a node id has 16 bytes");
  const b = bytes;
  const c = CODES;
  const o = offset;
  // Written out: in a loop it would take three times as long, and a relay does it for every packet.
  return String.fromCharCode(
    c[(b[o]! >> 3) & 31]!,
    c[((b[o]! << 2) | (b[o + 1]! >> 6)) & 31]!,
    c[(b[o + 1]! >> 1) & 31]!,
    c[((b[o + 1]! << 4) | (b[o + 2]! >> 4)) & 31]!,
    c[((b[o + 2]! << 1) | (b[o + 3]! >> 7)) & 31]!,
    c[(b[o + 3]! >> 2) & 31]!,
    c[((b[o + 3]! << 3) | (b[o + 4]! >> 5)) & 31]!,
    c[b[o + 4]! & 31]!,
    c[(b[o + 5]! >> 3) & 31]!,
    c[((b[o + 5]! << 2) | (b[o + 6]! >> 6)) & 31]!,
    c[(b[o + 6]! >> 1) & 31]!,
    c[((b[o + 6]! << 4) | (b[o + 7]! >> 4)) & 31]!,
    c[((b[o + 7]! << 1) | (b[o + 8]! >> 7)) & 31]!,
    c[(b[o + 8]! >> 2) & 31]!,
    c[((b[o + 8]! << 3) | (b[o + 9]! >> 5)) & 31]!,
    c[b[o + 9]! & 31]!,
    c[(b[o + 10]! >> 3) & 31]!,
    c[((b[o + 10]! << 2) | (b[o + 11]! >> 6)) & 31]!,
    c[(b[o + 11]! >> 1) & 31]!,
    c[((b[o + 11]! << 4) | (b[o + 12]! >> 4)) & 31]!,
    c[((b[o + 12]! << 1) | (b[o + 13]! >> 7)) & 31]!,
    c[(b[o + 13]! >> 2) & 31]!,
    c[((b[o + 13]! << 3) | (b[o + 14]! >> 5)) & 31]!,
    c[b[o + 14]! & 31]!,
    c[(b[o + 15]! >> 3) & 31]!,
    c[(b[o + 15]! << 2) & 31]!,
  ) as NodeId;
}

/** Writes the 16 bytes of `id` at `offset`. */
export function nodeIdToBytes(
  id: NodeId,
  out: Uint8Array = new Uint8Array(NODE_ID_BYTES),
  offset = 0,
): Uint8Array {
  if (offset < 0 || offset + NODE_ID_BYTES > out.length) throw new RangeError("a node id takes 16 bytes");
  let buffered = 0;
  let bits = 0;
  let at = offset;
  for (let i = 0; i < NODE_ID_CHARACTERS; i++) {
    buffered = ((buffered << 5) | (BITS[id.charCodeAt(i)] as number)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = buffered >>> bits;
    }
  }
  return out;
}

/** For people: `abcd-efgh-…`, which a shell takes as one word. `parseNodeId` reads it back. */
export function formatNodeId(id: NodeId): string {
  const groups: string[] = [];
  for (let i = 0; i < id.length; i += GROUP) groups.push(id.slice(i, i + GROUP));
  return groups.join("-");
}

/** Reads a whole node id as people write it: any case, with dashes or without. Throws StatusError for all else. */
export function parseNodeId(text: string): NodeId {
  const id = plain(text);
  const complete = id.length === NODE_ID_CHARACTERS && isBase32(id);
  // 26 characters hold two bits more than 16 bytes: they are 0, so that one node has one id.
  if (!complete || ((BITS[id.charCodeAt(NODE_ID_CHARACTERS - 1)] as number) & 3) !== 0) {
    throw malformed(
      "this is not a node id: it has 26 letters a-z and digits 2-7, in groups of four",
      "not-a-node-id",
    );
  }
  return id as NodeId;
}

/** Whether `text` is a whole node id as `NodeId` holds it: lower case, without dashes. */
export function isNodeId(text: string): text is NodeId {
  return (
    text.length === NODE_ID_CHARACTERS &&
    isBase32(text) &&
    text === text.toLowerCase() &&
    ((BITS[text.charCodeAt(NODE_ID_CHARACTERS - 1)] as number) & 3) === 0
  );
}

/** Whether `id` begins with what a person typed, dashes and case aside. The empty prefix matches nothing. */
export function matchesNodeIdPrefix(id: NodeId, prefix: string): boolean {
  const start = plain(prefix);
  return start.length > 0 && id.startsWith(start);
}

function plain(text: string): string {
  return text.trim().replaceAll("-", "").toLowerCase();
}

function isBase32(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if ((BITS[text.charCodeAt(i)] ?? 255) === 255) return false;
  }
  return true;
}
