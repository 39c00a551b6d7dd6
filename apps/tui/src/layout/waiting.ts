import { formatElapsed } from "../state/durations.ts";
import type { ScreenState } from "../state/screen.ts";
import { type Line, span } from "../text/line.ts";
import { wrapWords } from "../text/wrap.ts";

/** What is said while there is no connection with the local node; undefined: there is one. */
export function layoutConnection(
  { connection, nowMs, mesh }: ScreenState,
  width: number,
): Line[] | undefined {
  if (connection.phase === "connected") return undefined;
  if (connection.phase === "connecting") {
    return [
      [
        span("◐ ", "accent"),
        span(mesh === undefined ? "connecting to the local node…" : "connecting to the local node again…"),
      ],
    ];
  }
  const { problem, nextAtMs } = connection;
  const wait = formatElapsed(Math.max(0, nextAtMs - nowMs));
  return [
    ...wrapWords([span("✗ ", "bad"), span(problem.message, "bad")], width),
    ...(problem.hint === "" ? [] : wrapWords([span(`  ${problem.hint}`)], width)),
    [span(`  trying again in ${wait}`, "dim")],
  ];
}
