import { expect, test } from "vitest";
import { reached } from "./benchmark.ts";
import { table } from "./table.ts";

const ROW = { benchmark: "codec", work: "encode", against: "JSON" };

test("shows ratio, spread and whether the goal was reached, in columns", () => {
  const lines = table([
    { ...ROW, ratio: 2.345, spread: [2.2, 2.4], goal: { atLeast: 2 } },
    { ...ROW, ratio: 12.04, goal: { atMost: 3 }, note: "ours 230 ns" },
  ]).split("\n");
  expect(lines).toEqual([
    "benchmark  work    against  ratio   spread     goal            note",
    "codec      encode  JSON     2.35 ×  2.20–2.40  ≥ 2 ×  reached",
    "codec      encode  JSON     12.0 ×             ≤ 3 ×  MISSED   ours 230 ns",
  ]);
});

test("says why a figure is missing, and does not count it as missed", () => {
  const row = { ...ROW, ratio: undefined, goal: { atLeast: 1 }, note: "install nats-server" };
  expect(reached(row)).toBeUndefined();
  expect(table([row])).toContain("-      ");
  expect(table([row])).toContain("install nats-server");
});
