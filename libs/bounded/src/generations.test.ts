import { VirtualClock } from "@clawmatrix/environment";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GenerationMap, GenerationSet } from "./generations.ts";

/** Two plain maps that change places: what GenerationMap is to do. */
class PlainGenerations {
  young = new Map<string, number>();
  old = new Map<string, number>();
  startedAt = 0;
  readonly entries: number;
  readonly milliseconds: number;
  constructor(entries: number, milliseconds: number) {
    this.entries = entries;
    this.milliseconds = milliseconds;
  }
  turn(now: number): void {
    const age = now - this.startedAt;
    if (age < this.milliseconds && this.young.size < this.entries) return;
    this.old = age >= 2 * this.milliseconds ? new Map() : this.young;
    this.young = new Map();
    this.startedAt = now;
  }
}

describe("a map of generations", () => {
  it("does what two plain maps that change places do", () => {
    const operation = fc.record({
      kind: fc.constantFrom("add", "add", "set", "get"),
      key: fc.oneof(fc.nat(30).map(String), fc.string({ maxLength: 150 })),
      wait: fc.constantFrom(0, 0, 0, 1, 10, 60, 130),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(operation, { maxLength: 300, size: "max" }),
        (entries, all) => {
          const clock = new VirtualClock();
          const map = new GenerationMap<number>({ clock, entries, milliseconds: 60 });
          const plain = new PlainGenerations(entries, 60);
          let now = 0;
          all.forEach(({ kind, key, wait }, i) => {
            clock.advance(wait);
            now += wait;
            plain.turn(now);
            const holder = [plain.young, plain.old].find((one) => one.has(key));
            if (kind === "get") {
              expect(map.get(key)).toBe(holder?.get(key));
              expect(map.has(key)).toBe(holder !== undefined);
            } else if (kind === "add") {
              expect(map.add(key, i)).toBe(holder === undefined);
              if (holder === undefined) plain.young.set(key, i);
            } else {
              map.set(key, i);
              (holder ?? plain.young).set(key, i);
            }
            expect(map.size).toBe(plain.young.size + plain.old.size);
          });
        },
      ),
    );
  });
});

describe("a set of generations", () => {
  it("remembers a key for at least as many later keys as a generation has, and twice as many at most", () => {
    const set = new GenerationSet({ clock: new VirtualClock(), entries: 10_000, milliseconds: 60_000 });
    for (let i = 0; i < 100_000; i++) {
      expect(set.add(`key ${i}`)).toBe(true);
      if (i >= 10_000) expect(set.has(`key ${i - 9_999}`)).toBe(true);
      if (i >= 20_000) expect(set.has(`key ${i - 20_000}`)).toBe(false);
    }
    expect(set.size).toBeLessThanOrEqual(20_000);
  });

  it("remembers a key for one to two times its milliseconds, however little comes", () => {
    const clock = new VirtualClock();
    const set = new GenerationSet({ clock, entries: 10, milliseconds: 60_000 });
    clock.advance(30_000);
    expect(set.add("key")).toBe(true);
    clock.advance(59_999);
    expect(set.add("key")).toBe(false);
    clock.advance(60_001);
    expect(set.add("key")).toBe(true);
  });

  it("forgets everything over a long pause", () => {
    const clock = new VirtualClock();
    const set = new GenerationSet({ clock, entries: 10, milliseconds: 1000 });
    set.add("key");
    clock.advance(1_000_000);
    expect([set.has("key"), set.size]).toEqual([false, 0]);
  });

  it("refuses a limit of nothing", () => {
    const clock = new VirtualClock();
    expect(() => new GenerationSet({ clock, entries: 0, milliseconds: 1 })).toThrow(/"entries"/);
    expect(() => new GenerationSet({ clock, entries: 1, milliseconds: -1 })).toThrow(/"milliseconds"/);
  });
});
