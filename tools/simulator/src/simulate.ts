import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type MeshCost, measureMesh } from "./cost/measure-mesh.ts";
import { costTable } from "./report/cost-table.ts";
import { describeViolations } from "./report/describe-world.ts";
import { virtualLogger } from "./report/virtual-logger.ts";
import { randomWorld } from "./world/random-world.ts";
import { runWorld } from "./world/run-world.ts";
import { TOPOLOGIES, type Topology } from "./world/topology.ts";
import type { World } from "./world/world.ts";

const USAGE = `npm run simulate -- --nodes 10,100 [--topology ${TOPOLOGIES.join("|")}] [--seed N] [--json]
    what a mesh of so many nodes costs: bytes, memory, and the time to route around a dead relay
npm run simulate -- --seed N [--log]
    runs one random world again
npm run simulate -- --world FILE [--log]
    runs the world in a file`;

await main(process.argv.slice(2));

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      nodes: { type: "string" },
      topology: { type: "string", default: "random" },
      seed: { type: "string" },
      world: { type: "string" },
      json: { type: "boolean", default: false },
      log: { type: "boolean", default: false },
    },
  });
  const { nodes, topology, seed, world, json, log } = values;
  if (world !== undefined) await run(JSON.parse(readFileSync(world, "utf8")) as World, log);
  else if (nodes !== undefined && isTopology(topology))
    await measure(nodes.split(",").map(Number), topology, Number(seed ?? 1), json);
  else if (seed !== undefined && nodes === undefined) await run(randomWorld(Number(seed)), log);
  else {
    console.error(USAGE);
    process.exitCode = 2;
  }
}

function isTopology(name: string): name is Topology {
  return TOPOLOGIES.some((topology) => topology === name);
}

async function run(world: World, log: boolean): Promise<void> {
  const report = await runWorld(world, log ? { logger: virtualLogger((line) => console.error(line)) } : {});
  const { violations, calls, virtualMs, healedInMs, wireBytes } = report;
  if (violations.length > 0) {
    console.error(describeViolations(report));
    process.exitCode = 1;
    return;
  }
  console.log(JSON.stringify({ calls, virtualMs, healedInMs, wireBytes }));
}

async function measure(
  sizes: readonly number[],
  topology: Topology,
  seed: number,
  json: boolean,
): Promise<void> {
  const costs: MeshCost[] = [];
  for (const nodes of sizes) {
    const onProgress = (what: string): void => console.error(`${nodes} nodes: ${what}`);
    costs.push(await measureMesh({ nodes, topology, seed, onProgress }));
  }
  console.log(json ? JSON.stringify(costs, undefined, 2) : costTable(costs));
}
