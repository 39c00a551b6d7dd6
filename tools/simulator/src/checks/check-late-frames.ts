import type { RunningWorld } from "../world/running-world.ts";
import type { Violation } from "./violation.ts";

/** Holds all nodes to P9: what comes for a call that was given up reaches nobody. */
export function checkLateFrames({ late }: RunningWorld): Violation[] {
  if (late.handedOver === 0) return [];
  return [{ invariant: "P9", what: `${late.handedOver} frames were handed to calls that had ended` }];
}
