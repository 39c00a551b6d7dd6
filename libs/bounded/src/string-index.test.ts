import { seededRandom } from "@clawmatrix/environment";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeyHash } from "./key-hash.ts";
import { StringIndex } from "./string-index.ts";

describe("a string index", () => {
  it.each([
    ["well", 32],
    // Nearly all keys in a few slots: probing and closing of gaps, with every key in another's way.
    ["badly", 3],
  ])("finds what a plain map finds when keys are spread %s", (_, bits) => {
    const hash = new KeyHash(seededRandom(1));
    const spread = (key: string): number => hash.of(key) & (bits === 32 ? -1 : (1 << (12 + bits)) - 1);
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 600, size: "max" }), (keys) => {
        const index = new StringIndex();
        const plain = new Map<string, number>();
        const free: number[] = [];
        for (const key of keys.map(String)) {
          const position = plain.get(key);
          expect(index.find(key, spread(key))).toBe(position ?? -1);
          if (position === undefined) {
            const next = free.pop() ?? plain.size;
            index.insert(key, spread(key), next);
            plain.set(key, next);
          } else {
            expect(index.keyAt(position)).toBe(key);
            index.remove(position);
            plain.delete(key);
            free.push(position);
          }
          expect(index.size).toBe(plain.size);
        }
        for (let key = 0; key <= 300; key++) {
          expect(index.find(`${key}`, spread(`${key}`))).toBe(plain.get(`${key}`) ?? -1);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("is empty after it was cleared", () => {
    const hash = new KeyHash();
    const index = new StringIndex();
    for (let i = 0; i < 1000; i++) index.insert(`${i}`, hash.of(`${i}`), i);
    index.clear();
    expect([index.size, index.find("5", hash.of("5"))]).toEqual([0, -1]);
    index.insert("5", hash.of("5"), 0);
    expect(index.find("5", hash.of("5"))).toBe(0);
  });
});

describe("a key hash", () => {
  it("differs from salt to salt, and is the same for the same salt", () => {
    const [one, same, other] = [1, 1, 2].map((seed) => new KeyHash(seededRandom(seed)));
    for (const key of ["", "a", "x".repeat(64), "x".repeat(65), "x".repeat(1000)]) {
      expect(one?.of(key)).toBe(same?.of(key));
      if (key !== "") expect(one?.of(key)).not.toBe(other?.of(key));
    }
  });

  it("tells apart long keys that differ in one character, in any block", () => {
    const hash = new KeyHash(seededRandom(1));
    const key = "k".repeat(300);
    const seen = new Set([hash.of(key)]);
    for (let i = 0; i < key.length; i++) seen.add(hash.of(`${key.slice(0, i)}l${key.slice(i + 1)}`));
    expect(seen.size).toBe(301);
  });
});
