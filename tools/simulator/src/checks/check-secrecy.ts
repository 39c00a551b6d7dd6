import type { RunningWorld } from "../world/running-world.ts";
import type { Violation } from "./violation.ts";

/** Holds what was on the wire to P3: nobody in between could read it, and nobody has changed it. */
export function checkSecrecy({ leaks, packets, world }: RunningWorld): Violation[] {
  const found: Violation[] = [];
  if (leaks > 0)
    found.push({ invariant: "P3", what: `what was said in calls could be read on the wire ${leaks} times` });
  // Where bits are flipped on purpose, changed packets arrive, and it is for the channel to refuse them.
  const flips = world.faults.some(({ kind }) => kind === "flip" || kind === "packets");
  if (!flips && packets.changed > 0) {
    found.push({
      invariant: "P3",
      what: `${packets.changed} packets arrived that nobody had sent like that`,
    });
  }
  return found;
}
