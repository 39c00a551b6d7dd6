import { VirtualClock } from "@clawmatrix/environment";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeyedRateLimit, TokenBucket } from "./rate-limit.ts";

describe("a token bucket", () => {
  it("never lets through more than its burst and what came back since", () => {
    const steps = fc.array(fc.record({ wait: fc.nat(500), tokens: fc.integer({ min: 1, max: 4 }) }), {
      maxLength: 100,
      size: "max",
    });
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 10 }),
        (all, perSecond, burst) => {
          const clock = new VirtualClock();
          const bucket = new TokenBucket({ clock, perSecond, burst });
          let [taken, now] = [0, 0];
          for (const { wait, tokens } of all) {
            clock.advance(wait);
            now += wait;
            if (bucket.take(tokens)) taken += tokens;
            expect(taken).toBeLessThanOrEqual(burst + (now / 1000) * perSecond + 1e-6);
          }
        },
      ),
    );
  });

  it("gives tokens when it said it would", () => {
    const clock = new VirtualClock();
    const bucket = new TokenBucket({ clock, perSecond: 4, burst: 2 });
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
    expect(bucket.waitMs()).toBe(250);
    clock.advance(249);
    expect(bucket.take()).toBe(false);
    clock.advance(1);
    expect(bucket.take()).toBe(true);
    expect(bucket.waitMs(3)).toBe(Number.POSITIVE_INFINITY);
  });

  it("saves up no more than its burst", () => {
    const clock = new VirtualClock();
    const bucket = new TokenBucket({ clock, perSecond: 1000, burst: 3 });
    clock.advance(1_000_000);
    expect([bucket.take(3), bucket.take()]).toEqual([true, false]);
  });
});

describe("a limit per key", () => {
  const options = { perSecond: 3 / 600, burst: 3 };

  it("limits each key by itself: three in ten minutes", () => {
    const clock = new VirtualClock();
    const limit = new KeyedRateLimit({ clock, keys: 10, ...options });
    for (const key of ["a", "b"]) {
      expect([1, 2, 3, 4].map(() => limit.take(key))).toEqual([true, true, true, false]);
    }
    clock.advance(200_000);
    expect([limit.take("a"), limit.take("a")]).toEqual([true, false]);
  });

  it("forgets a key when its bucket is full again", () => {
    const clock = new VirtualClock();
    const limit = new KeyedRateLimit({ clock, keys: 10, ...options });
    limit.take("a");
    clock.advance(599_999);
    expect(limit.size).toBe(1);
    clock.advance(1);
    expect(limit.size).toBe(0);
  });

  it("neither forgets whom it limits nor lets others through for it, when there are too many keys", () => {
    const clock = new VirtualClock();
    const limit = new KeyedRateLimit({ clock, keys: 5, ...options });
    for (let i = 0; i < 5; i++) expect(limit.take(`busy ${i}`, 3)).toBe(true);
    const passed = Array.from({ length: 1000 }, (_, i) => limit.take(`flood ${i}`)).filter(Boolean);
    expect([passed.length, limit.size]).toEqual([3, 5]);
    expect(limit.take("busy 0")).toBe(false);
  });
});
