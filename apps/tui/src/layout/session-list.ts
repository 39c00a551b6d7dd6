import type { Tone } from "../look/tones.ts";
import { formatAge } from "../state/durations.ts";
import { nodeName } from "../state/mesh-view.ts";
import { chosenRow, type ScreenState, visibleSessions } from "../state/screen.ts";
import type { SessionRow, SessionStateName } from "../state/session-list.ts";
import { fitLine, type Line, span, spread } from "../text/line.ts";
import { wrapWords } from "../text/wrap.ts";
import type { PaneSize } from "./session-pane.ts";

/** Each session takes two rows: its title; agent, node, state and age. */
const ROWS_EACH = 2;

const STATE_TONES: Readonly<Record<SessionStateName, Tone>> = {
  running: "good",
  permission: "warn",
  idle: "dim",
  closed: "dim",
};
const STATE_WORDS: Readonly<Record<SessionStateName, string>> = {
  running: "running",
  permission: "? waits",
  idle: "idle",
  closed: "closed",
};

/** The list of sessions as lines, with the filter above and what went wrong below. */
export function layoutSessionList(state: ScreenState, { width, height }: PaneSize): Line[] {
  const head = layoutFilter(state, width);
  const foot = layoutErrors(state, width).slice(-Math.floor(height / 2));
  const room = Math.max(0, height - head.length - foot.length);
  const rows = visibleSessions(state);
  const body = rows.length === 0 ? layoutEmpty(state, width) : layoutRows(state, rows, width, room);
  const filled = [...body.slice(0, room)];
  while (foot.length > 0 && filled.length < room) filled.push([]);
  return [...head, ...filled, ...foot];
}

function layoutFilter({ filter, focus }: ScreenState, width: number): Line[] {
  if (filter === "" && focus !== "filter") return [];
  return [fitLine([span("/ ", "accent"), span(filter)], width)];
}

function layoutRows(state: ScreenState, rows: readonly SessionRow[], width: number, height: number): Line[] {
  const places = Math.max(1, Math.floor(height / ROWS_EACH));
  const chosen = chosenRow(state);
  const at = Math.max(
    0,
    rows.findIndex(({ id }) => id === chosen?.id),
  );
  const top = Math.max(0, Math.min(at - Math.floor(places / 2), rows.length - places));
  return rows.slice(top, top + places).flatMap((row) => layoutRow(state, row, row.id === chosen?.id, width));
}

function layoutRow(state: ScreenState, row: SessionRow, chosen: boolean, width: number): Line[] {
  const isOpen = state.open?.row?.id === row.id;
  const where = `${row.agent}@${nodeName(state.mesh, row.node)}`;
  const age = formatAge(Math.max(0, state.nowMs - row.updatedAtMs));
  const status: Line = [
    span(STATE_WORDS[row.state], STATE_TONES[row.state]),
    span(` ${age}`.padStart(4), "dim"),
  ];
  const title = span(row.title, chosen ? "strong" : row.state === "closed" ? "dim" : undefined);
  return [
    fitLine([span(chosen ? "▶ " : isOpen ? "• " : "  ", "accent"), title], width),
    spread([span(`  ${where}`, "dim")], status, width),
  ];
}

function layoutEmpty({ filter, sessions, mesh }: ScreenState, width: number): Line[] {
  if (filter !== "") return wrapWords([span("No session matches the filter; esc shows all.", "dim")], width);
  if (mesh === undefined || sessions.asked.size === 0) return [[span("asking the nodes…", "dim")]];
  return [
    [span("No sessions yet.")],
    [],
    ...wrapWords([span("n", "accent"), span(" opens one with an agent of the mesh.")], width),
  ];
}

function layoutErrors({ sessions, mesh, problem }: ScreenState, width: number): Line[] {
  const lines = [...sessions.errors].flatMap(([node, message]) =>
    wrapWords([span(`${nodeName(mesh, node)}: `, "strong"), span(message, "warn")], width),
  );
  if (problem === undefined) return lines;
  const hint = problem.hint === "" ? [] : wrapWords([span(problem.hint, "dim")], width);
  return [...lines, ...wrapWords([span(`✗ ${problem.message}`, "bad")], width), ...hint];
}
