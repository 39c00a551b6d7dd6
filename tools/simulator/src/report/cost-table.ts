import type { MeshCost } from "../cost/measure-mesh.ts";

const COLUMNS: readonly (readonly [string, (cost: MeshCost) => string])[] = [
  ["nodes", ({ nodes }) => `${nodes}`],
  ["topology", ({ topology }) => topology],
  ["links/node", ({ linksPerNode }) => linksPerNode.toFixed(1)],
  ["all know all", ({ allKnowAllMs }) => seconds(allKnowAllMs)],
  ["bytes/node until then", ({ bytesPerNodeUntilThen }) => kibibytes(bytesPerNodeUntilThen)],
  ["quiet bytes/node/min", ({ quietBytesPerNodePerMinute }) => kibibytes(quietBytesPerNodePerMinute)],
  ["change known", ({ changeKnownMs }) => seconds(changeKnownMs)],
  ["around killed relay", ({ aroundKilledMs }) => seconds(aroundKilledMs)],
  [
    "around silent relay",
    ({ aroundSilentMs, aroundSilentHeartbeats: beats }) =>
      beats === undefined ? "-" : `${seconds(aroundSilentMs)} (${beats.toFixed(1)} heartbeats)`,
  ],
  ["memory/node", ({ memoryBytesPerNode }) => kibibytes(memoryBytesPerNode)],
  ["simulated in", ({ realMs }) => seconds(realMs)],
];

/** Costs as a table for people. */
export function costTable(costs: readonly MeshCost[]): string {
  const rows = [
    COLUMNS.map(([title]) => title),
    ...costs.map((cost) => COLUMNS.map(([, cell]) => cell(cost))),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, i) => cell.padStart(widths[i]!)).join("  ")).join("\n");
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? "-" : `${(ms / 1_000).toFixed(2)} s`;
}

function kibibytes(bytes: number): string {
  return `${(bytes / 1_024).toFixed(1)} KiB`;
}
