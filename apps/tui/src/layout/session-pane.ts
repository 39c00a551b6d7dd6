import { matchingCommands } from "../state/command-completion.ts";
import { formatElapsed, formatTokens } from "../state/durations.ts";
import { type EditorLayout, layoutEditor } from "../state/editor.ts";
import { firstAsk, modeName, type OpenSession } from "../state/open-session.ts";
import { fitLine, type Line, lineWidth, type Span, span } from "../text/line.ts";
import { oneLine } from "../text/plain-text.ts";
import { truncateStart } from "../text/width.ts";
import { wrapWords } from "../text/wrap.ts";
import { layoutAsk } from "./ask.ts";
import { layoutCompletion } from "./completion.ts";
import type { WindowOptions } from "./window.ts";

/** Rows of the prompt that are shown at most; a longer one scrolls. */
const MAX_EDITOR_ROWS = 8;
/** Columns of the mark before the prompt. */
const PROMPT_MARK = 2;
/** Parts of a pane that questions and the prompt may take from the transcript. */
const LARGEST_PART = 0.6;

export interface PaneSize {
  readonly width: number;
  readonly height: number;
}

/** How a session's pane is divided, from top to bottom. */
export interface SessionPane {
  readonly transcriptHeight: number;
  /** What waits, what runs, what is wrong: above the prompt. */
  readonly foot: readonly Line[];
  readonly editor: EditorLayout;
  /** The first row of the editor that is shown, and how many are. */
  readonly editorTop: number;
  readonly editorRows: number;
}

/** Divides a pane between transcript, what waits for the person, and prompt. */
export function divideSessionPane(
  open: OpenSession,
  { width, height }: PaneSize,
  nowMs: number,
): SessionPane {
  const most = Math.max(2, Math.floor(height * LARGEST_PART));
  const editor = layoutEditor(open.editor, width - PROMPT_MARK);
  const editorRows = Math.min(editor.rows.length, MAX_EDITOR_ROWS, Math.max(1, most - 1));
  const editorTop = Math.max(0, Math.min(editor.row, editor.rows.length - editorRows));
  const foot = [...layoutFoot(open, width, nowMs)].slice(0, Math.max(1, most - editorRows));
  return {
    transcriptHeight: Math.max(0, height - editorRows - foot.length),
    foot,
    editor,
    editorTop,
    editorRows,
  };
}

/** How the transcript is laid out in the pane. */
export function transcriptOptions(
  { opened, chosen, row }: OpenSession,
  width: number,
  height: number,
  nowMs: number,
): WindowOptions {
  return { width, height, opened, chosen, nowMs, cwd: row?.cwd ?? "" };
}

/** The editor as lines, the first with the prompt's mark; of a session in which nothing was said yet, what to type. */
export function editorLines(open: OpenSession, { editor, editorTop, editorRows }: SessionPane): Line[] {
  if (open.editor.text === "" && open.transcript.end === 0) {
    const example = open.commands.some(({ name }) => name === "help") ? "help" : `a task for ${open.agent}`;
    return [[span("› ", "accent"), span(`type ${example}, then enter`, "dim")]];
  }
  return editor.rows
    .slice(editorTop, editorTop + editorRows)
    .map(({ text }, index) => [span(editorTop + index === 0 ? "› " : "  ", "accent"), span(text)]);
}

/** Where the cursor is in the pane, from 0. */
export function cursorInPane(pane: SessionPane): { readonly x: number; readonly y: number } {
  const { transcriptHeight, foot, editor, editorTop } = pane;
  return { x: PROMPT_MARK + editor.column, y: transcriptHeight + foot.length + editor.row - editorTop };
}

function layoutFoot(open: OpenSession, width: number, nowMs: number): Line[] {
  const { problem } = open;
  const lines: Line[] = [[]];
  if (problem !== undefined) {
    lines.push(...wrapWords([span("✗ ", "bad"), span(problem.message, "bad")], width));
    if (problem.hint !== "") lines.push(...wrapWords([span(`  ${problem.hint}`, "dim")], width));
  }
  const ask = firstAsk(open);
  if (ask !== undefined) lines.push(...layoutAsk(open, ask, width));
  lines.push(...layoutCompletion(matchingCommands(open), width));
  if (open.sending !== undefined)
    lines.push(fitLine([span(`› ${oneLine(open.sending.text)}`, "dim")], width));
  const running = runningLine(open, nowMs, ask !== undefined);
  if (running !== undefined) lines.push(fitLine(running, width));
  return lines;
}

function runningLine(open: OpenSession, nowMs: number, asked: boolean): Line | undefined {
  const { phase, progress, transcript, sending, away } = open;
  if (phase === "opening") return [span("◐ ", "accent"), span(`${progress}…`)];
  if (phase === "loading") return [span("◐ ", "accent"), span("reading the transcript…", "dim")];
  if (phase === "reconnecting")
    return [
      span("◐ ", "warn"),
      span(away === "" ? progress : `${away} cannot be reached`, "warn"),
      span("  reconnecting…", "dim"),
    ];
  if (phase === "failed") return undefined;
  if (away !== "" && (transcript.turn !== undefined || sending !== undefined)) {
    const goesOn = transcript.turn === undefined ? "" : "  the turn goes on there";
    return [
      span("◐ ", "warn"),
      span(`${away} cannot be reached`, "warn"),
      span(`${goesOn}  reconnecting…`, "dim"),
    ];
  }
  if (transcript.turn !== undefined) {
    const elapsed = formatElapsed(nowMs - transcript.turn.sinceMs);
    const queued = sending === undefined ? "" : "  your next prompt waits";
    const what = asked ? "waits for you" : "works";
    return [span("◐ ", "accent"), span(`${what}  ${elapsed}`), span(`  esc stops${queued}`, "dim")];
  }
  if (sending === undefined) return undefined;
  const ahead =
    sending.ahead > 0 ? `waits behind ${sending.ahead} turn${sending.ahead === 1 ? "" : "s"}` : "sending";
  return [span("◐ ", "accent"), span(`${ahead}…`, "dim")];
}

/** Columns that the directory keeps in the title, however long the rest is. */
const LEAST_DIRECTORY = 16;

/** Agent, directory, mode and usage: the pane's title. A long directory is cut in front, so that the rest can be read. */
export function sessionTitle(open: OpenSession, nodeName: string, home: string, width: number): Line {
  const { inputTokens, outputTokens, contextUsed, contextSize, watchers } = open.transcript.facts;
  const cwd = open.row?.cwd ?? "";
  const name = span(`${open.agent}@${nodeName}`, "strong");
  const parts: Span[] = [];
  const mode = modeName(open);
  if (mode !== "") parts.push(span(`  mode: ${mode}`));
  if (inputTokens + outputTokens > 0)
    parts.push(span(`  ▲${formatTokens(inputTokens)} ▼${formatTokens(outputTokens)}`, "dim"));
  if (contextUsed !== undefined && contextSize !== undefined && contextSize > 0)
    parts.push(span(`  ctx ${Math.round((100 * contextUsed) / contextSize)}%`, "dim"));
  if (watchers.length > 1) parts.push(span(`  ${watchers.length} watching`, "dim"));
  if (cwd === "") return [name, ...parts];
  const room = Math.max(LEAST_DIRECTORY, width - lineWidth([name, ...parts]) - 2);
  return [name, span(`  ${truncateStart(shortenPath(cwd, home), room)}`), ...parts];
}

function shortenPath(path: string, home: string): string {
  if (home === "" || home === "/") return path;
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
