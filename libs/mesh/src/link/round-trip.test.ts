import { seededRandom } from "@clawmatrix/environment";
import { describe, expect, it } from "vitest";
import { RoundTrip } from "./round-trip.ts";

describe("the cost of a link", () => {
  it("is reported from the first measurement on, with what a hop costs on top", () => {
    const trip = new RoundTrip();
    expect(trip.measured(20)).toBe(true);
    expect(trip.costUs).toBe(21_000);
    expect(trip.ms).toBe(20);
  });

  it("stays while measurements only jitter", () => {
    const trip = new RoundTrip();
    trip.measured(20);
    for (let i = 0; i < 1_000; i++) expect(trip.measured(i % 2 === 0 ? 14 : 26)).toBe(false);
  });

  it("settles, and then stays, where jitter is far larger than what the way takes", () => {
    const random = seededRandom(7);
    const jittering = (): number => 2 + 50 * random.fraction() + 50 * random.fraction();
    let reports = 0;
    for (let link = 0; link < 50; link++) {
      const trip = new RoundTrip();
      // Within the first hour, a first measurement that was far off is mended.
      for (let i = 0; i < 400; i++) trip.measured(jittering());
      for (let i = 0; i < 400; i++) if (trip.measured(jittering())) reports++;
    }
    // Fifty links for an hour.
    expect(reports).toBeLessThanOrEqual(20);
  });

  it("shows soon that a link has become much slower, also while it jitters", () => {
    const random = seededRandom(7);
    for (let link = 0; link < 50; link++) {
      const trip = new RoundTrip();
      for (let i = 0; i < 50; i++) trip.measured(20 + 10 * random.fraction());
      for (let i = 0; i < 4; i++) trip.measured(120 + 10 * random.fraction());
      expect(trip.costUs).toBeGreaterThan(35_000);
    }
  });

  it("follows a lasting change, in few steps", () => {
    const trip = new RoundTrip();
    trip.measured(20);
    let reports = 0;
    for (let i = 0; i < 100; i++) if (trip.measured(100)) reports++;
    expect(reports).toBeLessThanOrEqual(6);
    expect(Math.abs(trip.costUs - 101_000)).toBeLessThan(31_000);
  });
});
