import { type Goal, type Row, reached } from "./benchmark.ts";

/** The rows of one or more benchmarks as a table for people. */
export function table(rows: readonly (Row & { readonly benchmark: string })[]): string {
  const lines = [
    ["benchmark", "work", "against", "ratio", "spread", "goal", "", "note"],
    ...rows.map((row) => [
      row.benchmark,
      row.work,
      row.against,
      row.ratio === undefined ? "-" : `${figure(row.ratio)} ×`,
      row.spread === undefined ? "" : `${figure(row.spread[0])}–${figure(row.spread[1])}`,
      goalText(row.goal),
      { true: "reached", false: "MISSED", undefined: "" }[
        String(reached(row)) as "true" | "false" | "undefined"
      ],
      row.note ?? "",
    ]),
  ];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function goalText(goal: Goal | undefined): string {
  if (goal === undefined) return "";
  return "atLeast" in goal ? `≥ ${goal.atLeast} ×` : `≤ ${goal.atMost} ×`;
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
