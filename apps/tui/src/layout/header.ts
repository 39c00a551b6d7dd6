import { keyOf } from "../keys/commands.ts";
import { isReachable } from "../state/mesh-view.ts";
import { type ScreenState, TABS } from "../state/screen.ts";
import { waitingSessions } from "../state/session-list.ts";
import { type Line, span, spread } from "../text/line.ts";

/** The screen's first row: this node, the mesh, the tabs. */
export function layoutHeader(state: ScreenState, width: number): Line {
  const { mesh, tab, sessions, connection } = state;
  const self = mesh?.nodes[0]?.name ?? "";
  const nodes = mesh?.nodes.filter(isReachable).length ?? 0;
  const connected = connection.phase === "connected";
  const health: Line =
    mesh === undefined
      ? []
      : [
          span(connected ? "● " : "○ ", connected ? "good" : "bad"),
          span(`${nodes} node${nodes === 1 ? "" : "s"}`),
        ];
  const waiting = waitingSessions(sessions);
  const tabs = TABS.flatMap(({ id, title }, index) => [
    span(` ${index + 1} ${title} `, id === tab ? "chosen" : undefined),
    ...(id === "sessions" && waiting > 0 ? [span(`•${waiting} `, "warn")] : []),
  ]);
  const name = self === "" ? [] : [span(`  ${self} `, "strong")];
  return spread(
    [span(" ClawMatrix", "accent"), ...name, ...health, span("  "), ...tabs],
    [span(`${keyOf("help")} help `, "dim")],
    width,
  );
}
