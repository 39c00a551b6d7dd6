import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HIGHEST_SEAL_COUNTER, nextKey, open, openInto, SEAL_TAG_BYTES, seal, sealInto } from "./sealing.ts";

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(/\s/g, ""), "hex");
const key = hex("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0");
const bytes = (maxLength = 300) => fc.uint8Array({ maxLength });
const counters = fc.integer({ min: 0, max: HIGHEST_SEAL_COUNTER });

describe("sealing", () => {
  it("is ChaCha20-Poly1305 under the counter, little-endian, behind four zero bytes", () => {
    const associated = Buffer.from("associated");
    const nonce = hex("00000000 0102030405060700");
    const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: SEAL_TAG_BYTES });
    cipher.setAAD(associated, { plaintextLength: 5 });
    const expected = Buffer.concat([cipher.update("hello"), cipher.final(), cipher.getAuthTag()]);
    expect(seal(key, 0x07060504030201, associated, Buffer.from("hello"))).toEqual(expected);
  });

  it("opens to what was sealed, for any counter, associated data and text", () => {
    fc.assert(
      fc.property(counters, bytes(64), bytes(), (counter, associated, plaintext) => {
        const sealed = seal(key, counter, associated, plaintext);
        expect(sealed).toHaveLength(plaintext.length + SEAL_TAG_BYTES);
        expect(Uint8Array.from(open(key, counter, associated, sealed) ?? [])).toEqual(plaintext);
      }),
    );
  });

  it("does not open with a bit changed, cut off, or under another counter or key", () => {
    fc.assert(
      fc.property(counters, bytes(16), bytes(80), fc.nat(), (counter, associated, plaintext, place) => {
        const sealed = seal(key, counter, associated, plaintext);
        const at = place % sealed.length;
        const changed = Uint8Array.from(sealed);
        changed[at] = (changed[at] as number) ^ (1 << (place % 8));
        expect(open(key, counter, associated, changed)).toBeUndefined();
        expect(open(key, counter, associated, sealed.subarray(0, at))).toBeUndefined();
        expect(open(key, counter === 0 ? 1 : counter - 1, associated, sealed)).toBeUndefined();
        expect(open(nextKey(key), counter, associated, sealed)).toBeUndefined();
        expect(open(key, counter, Uint8Array.of(...associated, 0), sealed)).toBeUndefined();
      }),
    );
  });

  it("writes where it is told and nothing beside, also over its own plaintext", () => {
    const out = new Uint8Array(64).fill(0xaa);
    out.set(Buffer.from("plaintext"), 10);
    const written = sealInto(key, 3, new Uint8Array(0), out.subarray(10, 19), out, 10);
    expect(written).toBe(9 + SEAL_TAG_BYTES);
    expect(out.subarray(0, 10).every((byte) => byte === 0xaa)).toBe(true);
    expect(out.subarray(10 + written).every((byte) => byte === 0xaa)).toBe(true);
    const opened = new Uint8Array(12).fill(0xbb);
    expect(openInto(key, 3, new Uint8Array(0), out.subarray(10, 10 + written), opened, 2)).toBe(9);
    expect(Buffer.from(opened.subarray(2, 11)).toString()).toBe("plaintext");
    expect([opened[0], opened[1], opened[11]]).toEqual([0xbb, 0xbb, 0xbb]);
  });

  it("leaves the output untouched when nothing opens", () => {
    const sealed = seal(key, 0, new Uint8Array(0), Buffer.from("text"));
    sealed[0] = (sealed[0] as number) ^ 1;
    const out = new Uint8Array(8);
    expect(openInto(key, 0, new Uint8Array(0), sealed, out)).toBe(-1);
    expect(openInto(key, 0, new Uint8Array(0), sealed.subarray(0, 3), out)).toBe(-1);
    expect(out).toEqual(new Uint8Array(8));
  });

  it("refuses counters that are none, and buffers that are too small", () => {
    for (const counter of [-1, 1.5, Number.NaN, HIGHEST_SEAL_COUNTER + 1, Number.POSITIVE_INFINITY]) {
      expect(() => seal(key, counter, new Uint8Array(0), new Uint8Array(0))).toThrow(RangeError);
    }
    expect(() => sealInto(key, 0, new Uint8Array(0), new Uint8Array(4), new Uint8Array(19))).toThrow(
      RangeError,
    );
    const sealed = seal(key, 0, new Uint8Array(0), new Uint8Array(4));
    expect(() => openInto(key, 0, new Uint8Array(0), sealed, new Uint8Array(4), 1)).toThrow(RangeError);
  });
});
