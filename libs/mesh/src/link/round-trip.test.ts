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

  it("follows a lasting change, in few steps", () => {
    const trip = new RoundTrip();
    trip.measured(20);
    let reports = 0;
    for (let i = 0; i < 100; i++) if (trip.measured(100)) reports++;
    expect(reports).toBeLessThanOrEqual(6);
    expect(Math.abs(trip.costUs - 101_000)).toBeLessThan(31_000);
  });
});
