import { type MeshCost, measureMesh } from "@clawmatrix/simulator";
import type { Report, Row } from "../../benchmark.ts";

const SIZES = [10, 100, 1_000] as const;
const SEED = 1;
const MOST_QUIET_GROWTH = 1.3;
const MOST_HEARTBEATS = 3;

/** What simulated meshes cost as they grow. */
export async function measureGrowth(report: Report): Promise<Row[]> {
  const costs: MeshCost[] = [];
  for (const nodes of SIZES) {
    const onProgress = (what: string): void => report(`${nodes} simulated nodes: ${what}`);
    costs.push(await measureMesh({ nodes, topology: "random", seed: SEED, onProgress }));
  }
  const [, ...larger] = costs;
  return larger
    .flatMap((cost, i) => growthRows(costs[i]!, cost, i === larger.length - 1))
    .concat(costs.map(reroutingRow));
}

function growthRows(small: MeshCost, large: MeshCost, isLast: boolean): Row[] {
  const row = (what: string, figure: (cost: MeshCost) => number): Row => ({
    work: `${what}, ${large.nodes.toLocaleString("en")} nodes`,
    against: `${small.nodes} nodes`,
    ratio: figure(large) / figure(small),
    note: `${kibibytes(figure(large))} against ${kibibytes(figure(small))}`,
  });
  const quiet = row("bytes per node and minute when quiet", (cost) => cost.quietBytesPerNodePerMinute);
  return [
    isLast ? { ...quiet, goal: { atMost: MOST_QUIET_GROWTH } } : quiet,
    row("bytes per node until all know all", (cost) => cost.bytesPerNodeUntilThen),
    row("memory per node", (cost) => cost.memoryBytesPerNode),
  ];
}

function reroutingRow(cost: MeshCost): Row {
  return {
    work: `until packets go around a relay whose power failed, ${cost.nodes.toLocaleString("en")} nodes`,
    against: "a heartbeat",
    ratio: cost.aroundSilentHeartbeats,
    goal: { atMost: MOST_HEARTBEATS },
    note: `${seconds(cost.aroundSilentMs)}; around one that was killed ${seconds(cost.aroundKilledMs)}; all know all after ${seconds(cost.allKnowAllMs)}`,
  };
}

function kibibytes(bytes: number): string {
  return `${(bytes / 1_024).toFixed(1)} KiB`;
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? "never" : `${(ms / 1_000).toFixed(2)} s`;
}
