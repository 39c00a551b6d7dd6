import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HIGHEST_COUNTER, ReplayWindow } from "./replay-window.ts";

describe("a replay window", () => {
  it("knows what a set of all counters ever seen knows, as far back as it is wide", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: HIGHEST_COUNTER - 100_000 }),
        fc.array(fc.oneof(fc.nat(50), fc.nat(400), fc.nat(5000)), { maxLength: 300, size: "max" }),
        (width, start, steps) => {
          const window = new ReplayWindow(width);
          const seen = new Set<number>();
          let highest = -1;
          steps.forEach((step, i) => {
            // Around the highest so far, more often ahead of it than behind.
            const counter = Math.max(
              0,
              highest < 0 ? start : highest + (i % 3 === 0 ? -step : Math.ceil(step / 8)),
            );
            const expected =
              counter <= highest - window.width ? "too-old" : seen.has(counter) ? "seen" : "new";
            expect(window.look(counter)).toBe(expected);
            expect(window.accept(counter)).toBe(expected === "new");
            if (expected === "new") {
              seen.add(counter);
              highest = Math.max(highest, counter);
            }
            expect(window.highest).toBe(highest);
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it("is at least as wide as was asked", () => {
    for (const width of [1, 31, 32, 33, 1024, 2048]) {
      const window = new ReplayWindow(width);
      expect(window.width).toBeGreaterThanOrEqual(width);
      window.accept(10_000);
      expect(window.look(10_000 - width + 1)).not.toBe("too-old");
    }
  });

  it("forgets what it held after a leap far ahead", () => {
    const window = new ReplayWindow(64);
    for (let i = 0; i < 64; i++) window.accept(i);
    window.accept(1_000_000_000_000);
    for (let i = 1; i < 64; i++) expect(window.look(1_000_000_000_000 - i)).toBe("new");
    expect(window.look(63)).toBe("too-old");
  });

  it("is not pushed ahead by a counter that was only looked at", () => {
    const window = new ReplayWindow(64);
    window.accept(1);
    expect(window.look(1_000_000)).toBe("new");
    expect(window.look(2)).toBe("new");
  });

  it("reaches the highest counter, and takes nothing that is no counter", () => {
    const window = new ReplayWindow();
    expect(window.accept(HIGHEST_COUNTER)).toBe(true);
    expect(window.accept(HIGHEST_COUNTER)).toBe(false);
    expect(window.look(HIGHEST_COUNTER - 5)).toBe("new");
    for (const counter of [-1, 0.5, Number.NaN, HIGHEST_COUNTER + 1, 2 ** 60, Number.POSITIVE_INFINITY]) {
      expect(window.look(counter)).toBe("too-old");
      expect(window.accept(counter)).toBe(false);
    }
  });
});
