import { VirtualClock } from "@clawmatrix/environment";
import { expect, it } from "vitest";
import { MemoryReturn } from "./memory-return.ts";
import type { ProcessMemory } from "./process-memory.ts";

const MIB = 1024 * 1024;

/** A process that holds what it is told to, and of which a release leaves 50 MiB. */
function processOf(state: { residentMib: number; busy: number }) {
  let releases = 0;
  const memory: ProcessMemory = {
    residentBytes: () => state.residentMib * MIB,
    busyShare: () => state.busy,
    release: () => {
      releases++;
      state.residentMib = 50;
    },
  };
  const clock = new VirtualClock();
  const returning = new MemoryReturn({ clock, memory });
  returning.start();
  return { clock, returning, releases: () => releases };
}

it("gives back what a burst of work has left, once the node is quiet, and not again for nothing", () => {
  const state = { residentMib: 100, busy: 0.5 };
  const { clock, releases } = processOf(state);
  clock.advance(60_000);
  expect(releases()).toBe(0);
  state.busy = 0.001;
  clock.advance(10_000);
  expect(releases()).toBe(1);
  state.residentMib = 57;
  clock.advance(60_000);
  expect(releases()).toBe(1);
  state.residentMib = 200;
  clock.advance(10_000);
  expect(releases()).toBe(2);
});

it("leaves no timer behind when it is stopped", () => {
  const { clock, returning, releases } = processOf({ residentMib: 100, busy: 0 });
  returning.stop();
  clock.advance(60_000);
  expect([releases(), clock.nextDue()]).toEqual([0, undefined]);
});
