import type { Random } from "@clawmatrix/environment";
import type { Fault, Pair } from "./fault.ts";

export interface FaultSurroundings {
  readonly nodes: number;
  readonly links: readonly Pair[];
  readonly durationMs: number;
}

const KINDS: readonly Fault["kind"][] = [
  "break",
  "cut",
  "half-open",
  "stall",
  "delay",
  "lose",
  "flip",
  "packets",
  "crash",
  "pause",
  "slow",
  "clock",
  "stranger",
  "join",
  "revoke",
];
/** Wall clocks jump by up to a day. */
const LONGEST_JUMP_MS = 24 * 3_600_000;

/** Draws so many faults for a world. */
export function randomFaults(count: number, surroundings: FaultSurroundings, random: Random): Fault[] {
  const faults = Array.from({ length: count }, () => randomFault(surroundings, random));
  return faults.sort((a, b) => a.atMs - b.atMs);
}

function randomFault({ nodes, links, durationMs }: FaultSurroundings, random: Random): Fault {
  const upTo = (bound: number): number => Math.floor(random.fraction() * bound);
  const chance = (share: number): boolean => random.fraction() < share;
  const share = (most: number): number => Math.round(random.fraction() * most * 100) / 100;
  const kind = KINDS[upTo(KINDS.length)]!;
  const once = { atMs: upTo(durationMs) };
  // Short ones meet what is in flight, long ones time-outs: as many of each.
  const forAWhile = { ...once, forMs: 1 + upTo(chance(0.5) ? 2_000 : durationMs) };
  const between = links[upTo(links.length)]!;
  const node = upTo(nodes);
  switch (kind) {
    case "break":
      return { kind, ...once, between };
    case "cut":
    case "stall":
      return { kind, ...forAWhile, between };
    case "half-open":
      return { kind, ...forAWhile, between, oneWay: chance(0.5) };
    case "delay":
      return { kind, ...forAWhile, between, ms: upTo(500), jitterMs: upTo(1_000) };
    case "lose":
    case "flip":
      return { kind, ...forAWhile, between, share: share(0.3) };
    case "packets": {
      const most = chance(0.2) ? 0.6 : 0.2;
      const shares = { lose: share(most), double: share(most), flip: share(most / 4), late: share(most) };
      return { kind, ...forAWhile, node, ...shares, lateMs: upTo(chance(0.5) ? 50 : 3_000) };
    }
    case "crash": {
      const when = chance(0.5) ? "now" : chance(0.5) ? "before-storing" : "after-storing";
      // The founder comes back: without it nobody could be revoked.
      const away = chance(0.8) || node === 0 ? { forMs: 100 + upTo(20_000) } : {};
      return { kind, ...once, node, when, silent: chance(0.4), ...away };
    }
    case "pause":
      return { kind, ...forAWhile, node };
    case "slow":
      return { kind, ...forAWhile, node, ms: upTo(chance(0.5) ? 200 : 5_000) };
    case "clock":
      return { kind, ...once, node, jumpMs: Math.round((random.fraction() * 2 - 1) * LONGEST_JUMP_MS) };
    case "stranger":
      return { kind, ...once, near: node, knowsSecret: chance(0.7) };
    case "join":
      return { kind, ...once, near: node };
    case "revoke":
      return { kind, ...once, node: 1 + upTo(nodes - 1) };
  }
}
