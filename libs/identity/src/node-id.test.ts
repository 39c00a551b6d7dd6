import { createHash } from "node:crypto";
import { StatusError } from "@clawmatrix/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatNodeId,
  isNodeId,
  matchesNodeIdPrefix,
  nodeIdFromBytes,
  nodeIdFromKeys,
  nodeIdToBytes,
  parseNodeId,
} from "./node-id.ts";

const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 });

/** Base32 as the RFC describes it, bit by bit. */
function plainBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const fives = bits.match(/.{1,5}/g) ?? [];
  return fives
    .map((five) => "abcdefghijklmnopqrstuvwxyz234567"[Number.parseInt(five.padEnd(5, "0"), 2)])
    .join("");
}

describe("a node id", () => {
  it("is base32 of its bytes, wherever they lie, and gives them back", () => {
    fc.assert(
      fc.property(sixteen, fc.nat(20), (bytes, offset) => {
        const buffer = new Uint8Array(offset + 20).fill(0x5a);
        buffer.set(bytes, offset);
        const id = nodeIdFromBytes(buffer, offset);
        expect(id).toBe(plainBase32(bytes));
        expect(isNodeId(id)).toBe(true);
        expect(nodeIdToBytes(id)).toEqual(bytes);
        const out = new Uint8Array(offset + 20).fill(0x5a);
        expect(nodeIdToBytes(id, out, offset)).toEqual(buffer);
      }),
    );
  });

  it("is the first 16 bytes of SHA-256 over both public keys", () => {
    const [signing, agreement] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const digest = createHash("sha256")
      .update(Buffer.concat([signing, agreement]))
      .digest();
    expect(nodeIdToBytes(nodeIdFromKeys(signing, agreement))).toEqual(
      Uint8Array.from(digest.subarray(0, 16)),
    );
    expect(() => nodeIdFromKeys(signing, agreement.subarray(1))).toThrow(StatusError);
  });

  it("is read as people write it: in groups, without, in capitals", () => {
    fc.assert(
      fc.property(sixteen, (bytes) => {
        const id = nodeIdFromBytes(bytes);
        for (const text of [id, formatNodeId(id), formatNodeId(id).toUpperCase(), ` ${id}\n`]) {
          expect(parseNodeId(text)).toBe(id);
        }
      }),
    );
  });

  it("is shown as one shell word", () => {
    const id = nodeIdFromBytes(Uint8Array.from({ length: 16 }, (_, i) => 17 * i));
    expect(formatNodeId(id)).toMatch(/^([a-z2-7]{4}-){6}[a-z2-7]{2}$/);
  });

  it.each([
    "",
    "abc",
    "aaaaaaaaaaaaaaaaaaaaaaaaa",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "aaaaaaaaaaaaaaaaaaaaaaaaab",
    "aaaaaaaaaaaaaaaaaaaaaaaaa1",
    "aaaaaaaaaaaaaaaaaaaaaaaa a",
    "aaaaaaaaaaaaaaaaaaaaaaaaaé",
    "aaaaaaaaaaaaaaaaaaaaaaaaa\u2126",
  ])("is not %j", (text) => {
    expect(() => parseNodeId(text)).toThrow(/not a node id/);
    expect(isNodeId(text)).toBe(false);
  });

  it("is found by its beginning, dashes and case aside", () => {
    const id = parseNodeId("abcd-efgh-ijkl-mnop-qrst-uvwx-ya");
    for (const prefix of ["a", "abcd", "ABCD", "abcd-", "abcd-ef", "abcdef", formatNodeId(id)]) {
      expect(matchesNodeIdPrefix(id, prefix), prefix).toBe(true);
    }
    for (const prefix of ["", "-", "b", "abcd-f", `${id}a`]) {
      expect(matchesNodeIdPrefix(id, prefix), prefix).toBe(false);
    }
  });

  it("is not read or written past the end", () => {
    expect(() => nodeIdFromBytes(new Uint8Array(16), 1)).toThrow(RangeError);
    expect(() => nodeIdToBytes(nodeIdFromBytes(new Uint8Array(16)), new Uint8Array(16), 1)).toThrow(
      RangeError,
    );
    expect(() => nodeIdFromBytes(new Uint8Array(16), -1)).toThrow(RangeError);
  });
});
