import { describe, expect, it } from "vitest";
import { stopAfterTurns } from "./stop-after-turns.ts";

/** Agents with so many turns, of which so many are left when the grace is over. */
function agentsWith(runningTurns: number, left: number) {
  const { promise, resolve } = Promise.withResolvers<number>();
  const graces: number[] = [];
  let stops = 0;
  const steps = stopAfterTurns({
    agents: {
      runningTurns,
      drain: (graceMs) => {
        graces.push(graceMs);
        return promise;
      },
    },
    graceMs: 1500,
    stop: () => stops++,
  });
  return { steps, graces, end: () => resolve(left), stops: () => stops };
}
const collect = async (steps: AsyncIterable<string>): Promise<string[]> => {
  const all: string[] = [];
  for await (const step of steps) all.push(step);
  return all;
};

describe("a node that is told to stop", () => {
  it("stops at once where nothing runs", async () => {
    const { steps, end, stops } = agentsWith(0, 0);
    end();
    expect(await collect(steps)).toEqual(["stopping"]);
    expect(stops()).toBe(1);
  });

  it("says for what it waits, for how long, and what it gives up", async () => {
    const { steps, graces, end, stops } = agentsWith(2, 1);
    expect(await steps.next()).toEqual({ value: "waiting for 2 turns, for 2 s at most", done: false });
    expect([graces, stops()]).toEqual([[1500], 0]);
    end();
    expect(await collect(steps)).toEqual(["giving up a turn", "stopping"]);
    expect(stops()).toBe(1);
  });

  it("stops all the same when nobody listens any more", async () => {
    const { steps, end, stops } = agentsWith(1, 0);
    await steps.next();
    await steps.return(undefined);
    expect(stops()).toBe(0);
    end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(stops()).toBe(1);
  });
});
