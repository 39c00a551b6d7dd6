import { expect, it } from "vitest";
import { inParallel } from "./in-parallel.ts";

it("works on so many at once and no more, and keeps their order", async () => {
  let running = 0;
  let most = 0;
  const done = await inParallel([5, 1, 4, 2, 3], 2, async (item) => {
    most = Math.max(most, ++running);
    for (let turns = 0; turns < item; turns++) await Promise.resolve();
    running--;
    return item * 10;
  });
  expect(done).toEqual([50, 10, 40, 20, 30]);
  expect(most).toBe(2);
});

it("has nothing to do for no items, and fails as its work does", async () => {
  expect(await inParallel([], 4, () => Promise.reject(new Error("not called")))).toEqual([]);
  await expect(inParallel([1], 4, () => Promise.reject(new Error("unreadable")))).rejects.toThrow(
    "unreadable",
  );
});
