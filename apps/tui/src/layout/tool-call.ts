import type { Tone } from "../look/tones.ts";
import { formatElapsed } from "../state/durations.ts";
import type { ToolCall, ToolStatus } from "../state/transcript/tool-call.ts";
import { fitLine, type Line, type Span, span, spread } from "../text/line.ts";
import { wrapAnywhere } from "../text/wrap.ts";
import { layoutDiff } from "./diff.ts";

/** Lines of a diff that are shown of a folded tool call. */
const FOLDED_DIFF_LINES = 12;
/** Lines of an opened tool call; the rest is counted. */
const MAX_OPEN_LINES = 5_000;

const ICONS: Readonly<Record<ToolStatus, Span>> = {
  pending: { text: "○", tone: "warn" },
  in_progress: { text: "◐", tone: "accent" },
  completed: { text: "✓", tone: "good" },
  failed: { text: "✗", tone: "bad" },
};

export interface ToolCallLayout {
  readonly width: number;
  readonly opened: boolean;
  readonly chosen: boolean;
  readonly nowMs: number;
  readonly cwd: string;
}

/** A tool call as a box: state, title and duration above, what it showed folded into the lower edge, or opened within. */
export function layoutToolCall(
  call: ToolCall,
  { width, opened, chosen, nowMs, cwd }: ToolCallLayout,
): Line[] {
  const edge: Tone = chosen ? "accent" : "dim";
  const inner = width - 4;
  const diff = call.diffs.flatMap((file) => layoutDiff({ ...file, path: insideOf(cwd, file.path) }, inner));
  const output = call.output === "" ? [] : call.output.split("\n");
  const body = opened ? [...diff, ...openOutput(output, inner)] : foldDiff(diff);
  const hidden = !opened && (output.length > 1 || diff.length > body.length);
  return [
    topEdge(call, width, edge, nowMs, chosen),
    ...body.map((line) => spread([span("│ ", edge), ...fitLine(line, inner)], [span(" │", edge)], width)),
    bottomEdge({
      summary: opened ? "" : (output.at(-1) ?? ""),
      hint: hintOf(opened, hidden, output.length),
      width,
      edge,
    }),
  ];
}

function topEdge(call: ToolCall, width: number, edge: Tone, nowMs: number, chosen: boolean): Line {
  const kind =
    call.kind !== "" && !call.title.toLowerCase().startsWith(call.kind)
      ? [span(`${call.kind}  `, "dim")]
      : [];
  const took = formatElapsed((call.endedAtMs ?? nowMs) - call.startedAtMs);
  const right: Line = [span(call.status === "pending" ? " waiting " : ` ${took} `, "dim"), span("┐", edge)];
  const title: Line = [
    span(chosen ? "▶ " : "┌ ", edge),
    ICONS[call.status],
    span(" "),
    ...kind,
    span(`${call.title} `, "strong"),
  ];
  return spread(title, right, width, span("─", edge));
}

function insideOf(directory: string, path: string): string {
  return directory !== "" && path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : path;
}

interface BottomEdge {
  readonly summary: string;
  readonly hint: string;
  readonly width: number;
  readonly edge: Tone;
}

function bottomEdge({ summary, hint, width, edge }: BottomEdge): Line {
  const left: Line = [span("└ ", edge), ...(summary === "" ? [] : [span(`${summary.trim()} `)])];
  const right: Line = [span(hint === "" ? "" : ` ${hint} `, "dim"), span("┘", edge)];
  return spread(summary === "" ? [span("└", edge)] : left, right, width, span("─", edge));
}

function hintOf(opened: boolean, hidden: boolean, lines: number): string {
  if (opened) return "o: fold";
  if (!hidden) return "";
  return lines > 1 ? `${lines} lines, o: open` : "o: open";
}

function foldDiff(lines: readonly Line[]): readonly Line[] {
  if (lines.length <= FOLDED_DIFF_LINES) return lines;
  const rest = lines.length - FOLDED_DIFF_LINES + 1;
  return [...lines.slice(0, FOLDED_DIFF_LINES - 1), [span(`… ${rest} more lines`, "dim")]];
}

function openOutput(output: readonly string[], width: number): Line[] {
  const shown = output.slice(-MAX_OPEN_LINES).flatMap((text) => wrapAnywhere([span(text)], width));
  return output.length > MAX_OPEN_LINES
    ? [[span(`… ${output.length - MAX_OPEN_LINES} lines before`, "dim")], ...shown]
    : shown;
}
