import { expect, it } from "vitest";
import { thisProcess } from "./process-memory.ts";

it("gives the heap's free space back", () => {
  const memory = thisProcess();
  let garbage: object[] = Array.from({ length: 1_000_000 }, (_, i) => ({ i, of: [i] }));
  const before = process.memoryUsage().heapTotal;
  expect(garbage.length).toBe(1_000_000);
  garbage = [];
  memory.release();
  expect(process.memoryUsage().heapTotal).toBeLessThan(before / 2);
  expect(memory.residentBytes()).toBeGreaterThan(0);
});

it("knows how busy it was since it was asked last", async () => {
  const memory = thisProcess();
  memory.busyShare();
  await new Promise((resolve) => setImmediate(resolve));
  const until = performance.now() + 50;
  while (performance.now() < until);
  await new Promise((resolve) => setImmediate(resolve));
  const share = memory.busyShare();
  expect(share).toBeGreaterThan(0);
  expect(share).toBeLessThanOrEqual(1);
});
