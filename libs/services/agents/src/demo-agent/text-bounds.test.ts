import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TailBuffer } from "./tail-buffer.ts";
import { headBytes, shorten, showBytes, tailBytes } from "./text-bounds.ts";

const texts = fc.string({ unit: "binary", maxLength: 60 });

describe("cutting text", () => {
  it("keeps a beginning and an end within the bound, whole in characters, and as much as fits", () => {
    fc.assert(
      fc.property(texts, fc.nat(80), (text, bound) => {
        const bytes = Buffer.from(text);
        const whole = bytes.toString();
        const [head, tail] = [headBytes(bytes, bound), tailBytes(bytes, bound)];
        for (const part of [head, tail]) {
          expect(part.length).toBeLessThanOrEqual(bound);
          expect(part.length).toBeGreaterThanOrEqual(Math.min(bytes.length, bound - 3));
        }
        expect(whole.startsWith(Buffer.from(head).toString())).toBe(true);
        expect(whole.endsWith(Buffer.from(tail).toString())).toBe(true);
      }),
    );
  });

  it("shortens within the bound and never through a surrogate pair", () => {
    expect(shorten("abc", 3)).toBe("abc");
    expect(shorten("abcd", 3)).toBe("ab…");
    expect(shorten("a😀b", 3)).toBe("a…");
  });

  it("shows sizes", () => {
    expect([340, 12_000, 999_499, 999_999, 1_400_000].map(showBytes)).toEqual([
      "340 B",
      "12 kB",
      "999 kB",
      "1.0 MB",
      "1.4 MB",
    ]);
  });
});

describe("a tail buffer", () => {
  it("keeps the end of all that was appended, in whatever pieces it came", () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 30 }), fc.integer({ min: 4, max: 64 }), (pieces, bound) => {
        const buffer = new TailBuffer(bound);
        for (const piece of pieces) buffer.append(Buffer.from(piece));
        const whole = Buffer.from(pieces.map((piece) => Buffer.from(piece).toString()).join(""));
        expect(buffer.total).toBe(whole.length);
        expect(buffer.text(bound)).toBe(Buffer.from(tailBytes(whole, bound)).toString());
      }),
    );
  });

  it("holds back a character whose end is still to come", () => {
    const buffer = new TailBuffer(64);
    buffer.append(Buffer.from("aé").subarray(0, 2));
    expect(buffer.text(64, true)).toBe("a");
    buffer.append(Buffer.from("é").subarray(1));
    expect(buffer.text(64, true)).toBe("aé");
  });
});
