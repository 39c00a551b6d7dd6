import { formatNodeId } from "@clawmatrix/identity";
import type { Tone } from "../look/tones.ts";
import { formatAge, formatRoundTrip } from "../state/durations.ts";
import type { NodeView, Reach } from "../state/mesh-view.ts";
import type { ScreenState } from "../state/screen.ts";
import { fitLine, type Line, span } from "../text/line.ts";
import { truncate, widthOf } from "../text/width.ts";
import { wrapWords } from "../text/wrap.ts";
import type { PaneSize } from "./session-pane.ts";

const REACH: Readonly<Record<Reach, { readonly mark: string; readonly tone: Tone; readonly word: string }>> =
  {
    here: { mark: "◆", tone: "accent", word: "this node" },
    direct: { mark: "●", tone: "good", word: "direct" },
    relayed: { mark: "◍", tone: "good", word: "relayed" },
    unreachable: { mark: "○", tone: "bad", word: "unreachable" },
  };

const COLUMNS = [
  { title: "node", width: 18 },
  { title: "state", width: 14 },
  { title: "via", width: 12 },
  { title: "hops", width: 6 },
  { title: "rtt", width: 9 },
] as const;
/** Rows of drops and comebacks that are shown. */
const EVENT_ROWS = 5;
const DETAIL_LABEL = 10;

/** The nodes of the mesh as a table, what happened to them, and all about the chosen one. */
export function layoutNodes(state: ScreenState, { width, height }: PaneSize): Line[] {
  const { mesh } = state;
  if (mesh === undefined) return [[span("asking the local node…", "dim")]];
  const chosen = mesh.nodes.find(({ id }) => id === state.chosenNode) ?? mesh.nodes[0];
  const detail = chosen === undefined ? [] : layoutDetail(chosen, state.nowMs, width);
  const events = mesh.events.slice(-EVENT_ROWS).map(({ atMs, name, what }): Line => {
    const age = formatAge(Math.max(0, state.nowMs - atMs));
    return fitLine([span(`${age.padStart(4)}  `, "dim"), span(name, "strong"), span(` ${what}`)], width);
  });
  const warnings = mesh.warnings.flatMap((warning) => wrapWords([span("! ", "warn"), span(warning)], width));
  const below = [
    [],
    ...detail,
    ...(events.length > 0 ? [[], ...events] : []),
    ...(warnings.length > 0 ? [[], ...warnings] : []),
  ];
  const room = Math.max(3, height - 1 - below.length);
  const at = Math.max(
    0,
    mesh.nodes.findIndex(({ id }) => id === chosen?.id),
  );
  const top = Math.max(0, Math.min(at - Math.floor(room / 2), mesh.nodes.length - room));
  const rows = mesh.nodes
    .slice(top, top + room)
    .map((node) => layoutRow(node, node.id === chosen?.id, width));
  return [headLine(width), ...rows, ...below].slice(0, height);
}

function headLine(width: number): Line {
  const titles = COLUMNS.map(({ title, width: columns }) => title.padEnd(columns)).join("");
  return fitLine([span(`    ${titles}agents`, "dim")], width);
}

function layoutRow(node: NodeView, chosen: boolean, width: number): Line {
  const { mark, tone, word } = REACH[node.reach];
  const reachable = node.reach === "direct" || node.reach === "relayed";
  const cells = [node.name, word, node.via, reachable ? String(node.hops) : "", formatRoundTrip(node.rttMs)];
  const padded = cells.map((cell, index) => pad(cell, COLUMNS[index]?.width ?? 0));
  const agents = node.agents.map(({ id, state }) => (state === "ready" ? id : `${id} (${state})`)).join(", ");
  return fitLine(
    [
      span(chosen ? "▶ " : "  ", "accent"),
      span(`${mark} `, tone),
      span(padded[0] ?? "", chosen ? "strong" : undefined),
      span(padded[1] ?? "", node.reach === "unreachable" ? "bad" : undefined),
      span(padded.slice(2).join("")),
      span(agents),
    ],
    width,
  );
}

function layoutDetail(node: NodeView, nowMs: number, width: number): Line[] {
  const since = node.changedAtMs > 0 ? ` (for ${formatAge(Math.max(0, nowMs - node.changedAtMs))})` : "";
  const route = node.via === "" ? "" : `, next hop ${node.via}`;
  const rows: readonly (readonly [string, string])[] = [
    ["id", formatNodeId(node.id)],
    ["version", node.version],
    ["reach", `${REACH[node.reach].word}${route}${since}`],
    ["why", node.why],
    ["labels", node.labels.join(", ")],
    ["links", node.links.join(", ")],
    [
      "agents",
      node.agents
        .map(({ id, description }) => (description === "" ? id : `${id}: ${description}`))
        .join("; "),
    ],
    ["models", node.models.join(", ")],
    ["tools", node.tools.join(", ")],
    ["relays", node.relays ? "for others" : ""],
  ];
  const shown = rows.filter(([, value]) => value !== "");
  const title: Line = [
    span(`── ${node.name} `, "strong"),
    span("─".repeat(Math.max(0, width - widthOf(node.name) - 4)), "dim"),
  ];
  return [
    title,
    ...shown.flatMap(([label, value]) =>
      wrapWords([span(value)], width - DETAIL_LABEL).map(
        (line, index): Line => [span((index === 0 ? label : "").padEnd(DETAIL_LABEL), "dim"), ...line],
      ),
    ),
  ];
}

function pad(text: string, columns: number): string {
  const fitted = truncate(text, columns - 1);
  return fitted + " ".repeat(columns - widthOf(fitted));
}
