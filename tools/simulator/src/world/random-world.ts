import { type Random, seededRandom } from "@clawmatrix/environment";
import { randomFaults } from "../faults/random-faults.ts";
import type { Errand } from "./errand.ts";
import { linksOf, TOPOLOGIES } from "./topology.ts";
import type { World } from "./world.ts";

const LEAST_NODES = 2;
const MOST_NODES = 8;
const LEAST_DURATION_MS = 5_000;
const MOST_DURATION_MS = 90_000;
const MOST_FAULTS = 8;
const MOST_ERRANDS = 10;
const KINDS: readonly Errand["kind"][] = ["ping", "task", "output", "conversation"];

/** A world that depends on nothing but the seed. */
export function randomWorld(seed: number): World {
  const random = seededRandom(seed);
  const upTo = (bound: number): number => Math.floor(random.fraction() * bound);
  // Most are small: a small one that fails says more, and as many of them run in less time.
  const most = random.fraction() < 0.8 ? 5 : MOST_NODES;
  const nodes = LEAST_NODES + upTo(most - LEAST_NODES + 1);
  const links = linksOf(TOPOLOGIES[upTo(TOPOLOGIES.length)]!, nodes, random);
  const leaves = Array.from({ length: nodes - 2 }, (_, i) => i + 2).filter(() => random.fraction() < 0.1);
  const durationMs = LEAST_DURATION_MS + upTo(MOST_DURATION_MS - LEAST_DURATION_MS);
  const errands = Array.from({ length: 1 + upTo(MOST_ERRANDS) }, () =>
    randomErrand(nodes, durationMs, random),
  );
  return {
    seed,
    nodes,
    links,
    leaves,
    delayMs: 1 + upTo(50),
    jitterMs: upTo(50),
    durationMs,
    faults: randomFaults(1 + upTo(MOST_FAULTS), { nodes, links, durationMs }, random),
    errands: errands.sort((a, b) => a.atMs - b.atMs),
  };
}

function randomErrand(nodes: number, durationMs: number, random: Random): Errand {
  const upTo = (bound: number): number => Math.floor(random.fraction() * bound);
  const chance = (share: number): boolean => random.fraction() < share;
  const from = upTo(nodes);
  const to = (from + 1 + upTo(nodes - 1)) % nodes;
  const kind = KINDS[upTo(KINDS.length)]!;
  const call = {
    kind,
    atMs: upTo(durationMs),
    from,
    to,
    ...(chance(0.3) ? { timeoutMs: 500 + upTo(30_000) } : {}),
    ...(chance(0.15) ? { cancelMs: upTo(10_000) } : {}),
  };
  if (kind === "ping" || kind === "task") return { ...call, bytes: upTo(2_000), retries: upTo(4) };
  return {
    ...call,
    bytes: upTo(chance(0.2) ? 60_000 : 2_000),
    count: 1 + upTo(80),
    everyMs: chance(0.7) ? upTo(500) : 0,
    readMs: chance(0.2) ? upTo(300) : 0,
  };
}
