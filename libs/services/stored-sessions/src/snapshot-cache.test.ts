import { silentLogger, VirtualClock } from "@clawmatrix/environment";
import { expect, it } from "vitest";
import { SnapshotCache } from "./snapshot-cache.ts";

const FRESH_MS = 1_000;
const WAIT_MS = 100;

/** A cache whose makings end when the test says so. */
function cache() {
  const clock = new VirtualClock();
  const makings: PromiseWithResolvers<string>[] = [];
  const made = new SnapshotCache<string>({
    make: () => {
      const making = Promise.withResolvers<string>();
      makings.push(making);
      return making.promise;
    },
    freshMs: FRESH_MS,
    clock,
    logger: silentLogger,
  });
  return { made, clock, makings };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("makes one value however many ask for it", async () => {
  const { made, makings } = cache();
  const asked = Array.from({ length: 20 }, () => made.get(WAIT_MS));
  await settled();
  expect(makings).toHaveLength(1);
  makings[0]?.resolve("one");
  expect(new Set((await Promise.all(asked)).map(({ value }) => value))).toEqual(new Set(["one"]));
  expect(makings).toHaveLength(1);
});

it("gives the old value at once while a newer one is made", async () => {
  const { made, clock, makings } = cache();
  const first = made.get(WAIT_MS);
  makings[0]?.resolve("old");
  expect(await first).toEqual({ value: "old", stale: false });
  await clock.advance(FRESH_MS);
  expect(await made.get(WAIT_MS)).toEqual({ value: "old", stale: true });
  expect(await made.get(WAIT_MS)).toEqual({ value: "old", stale: true });
  makings[1]?.resolve("new");
  await settled();
  expect(await made.get(WAIT_MS)).toEqual({ value: "new", stale: false });
  expect(makings).toHaveLength(2);
});

it("never brings back what was being made when it was invalidated", async () => {
  const { made, makings } = cache();
  const asked = made.get(WAIT_MS);
  await settled();
  made.invalidate();
  makings[0]?.resolve("made before");
  await settled();
  expect(made.peek().value).toBeUndefined();
  expect(makings).toHaveLength(2);
  makings[1]?.resolve("made after");
  expect((await asked).value).toBe("made after");
});

it("does not have the first who ask wait for longer than they said", async () => {
  const { made, clock, makings } = cache();
  const asked = made.get(WAIT_MS);
  await settled();
  await clock.advance(WAIT_MS);
  expect(await asked).toEqual({ value: undefined, stale: true });
  makings[0]?.resolve("late");
  await settled();
  expect(made.peek().value).toBe("late");
});

it("keeps what it has when a making fails, and tries again later", async () => {
  const { made, clock, makings } = cache();
  const first = made.get(WAIT_MS);
  makings[0]?.resolve("old");
  await first;
  await clock.advance(FRESH_MS);
  await made.get(WAIT_MS);
  makings[1]?.reject(new Error("the disk is gone"));
  await settled();
  expect(await made.get(WAIT_MS)).toEqual({ value: "old", stale: false });
  await clock.advance(FRESH_MS);
  expect((await made.get(WAIT_MS)).stale).toBe(true);
  makings[2]?.resolve("new");
  await settled();
  expect(made.peek().value).toBe("new");
});
