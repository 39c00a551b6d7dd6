import { nodeName } from "../state/mesh-view.ts";
import type { OpenSession } from "../state/open-session.ts";
import type { ScreenState } from "../state/screen.ts";
import { type Line, line } from "../text/line.ts";
import { wrapWords } from "../text/wrap.ts";
import { type CursorPlace, cursorPlace } from "./cursor.ts";
import { layoutDialog } from "./dialogs.ts";
import { layoutHeader } from "./header.ts";
import { layoutNodes } from "./node-list.ts";
import { layoutPanel } from "./panel.ts";
import { layoutScreen, MIN_COLUMNS, MIN_ROWS, type PanePlace, type ScreenLayout } from "./screen-layout.ts";
import { layoutSessionList } from "./session-list.ts";
import { divideSessionPane, editorLines, sessionTitle, transcriptOptions } from "./session-pane.ts";
import { layoutStatusLine } from "./status-line.ts";
import { layoutConnection } from "./waiting.ts";
import { layoutNoSession, layoutWelcome } from "./welcome.ts";
import type { TranscriptWindow } from "./window.ts";

/** What lays out the transcript of the open session. */
export type TranscriptLines = Pick<TranscriptWindow, "lines">;

/** What the whole screen shows. */
export interface Picture {
  /** One per row of the terminal, none wider than it. */
  readonly rows: readonly Line[];
  /** Where the terminal's cursor stands; undefined: nowhere. */
  readonly cursor: CursorPlace | undefined;
}

/** The screen as it looks in this state. */
export function layoutPicture(state: ScreenState, window: TranscriptLines): Picture {
  const layout = layoutScreen(state);
  if (layout === undefined) return { rows: layoutTooSmall(state), cursor: undefined };
  return {
    rows: [
      layoutHeader(state, state.columns),
      ...layoutBody(state, layout, window),
      layoutStatusLine(state, state.columns),
    ],
    cursor: cursorPlace(state, layout),
  };
}

/** Says how large the terminal has to be. It may be very small. */
function layoutTooSmall({ columns, rows }: ScreenState): Line[] {
  const text = `This terminal is ${columns}×${rows}; ClawMatrix needs ${MIN_COLUMNS}×${MIN_ROWS}. Make it larger, or leave with ctrl-c.`;
  return wrapWords(line(text), columns).slice(0, rows);
}

/** What is between header and status line: a dialog, what is waited for, or the tab. */
function layoutBody(state: ScreenState, layout: ScreenLayout, window: TranscriptLines): Line[] {
  const { whole, list, session } = layout;
  if (state.dialog !== undefined) {
    const { title, lines } = layoutDialog(state, state.dialog, whole.inner);
    return layoutPanel(whole, { title: line(title, "strong"), focused: true, lines });
  }
  const waiting = layoutConnection(state, whole.inner.width);
  if (waiting !== undefined)
    return layoutPanel(whole, { title: line("ClawMatrix"), focused: true, lines: waiting });
  if (state.tab === "nodes") {
    const lines = layoutNodes(state, whole.inner);
    return layoutPanel(whole, { title: line("Nodes", "strong"), focused: true, lines });
  }
  const left = list === undefined ? undefined : layoutList(state, list);
  const right = session === undefined ? undefined : layoutSession(state, session, window);
  if (left === undefined || right === undefined) return left ?? right ?? [];
  return left.map((row, index) => [...row, ...(right[index] ?? [])]);
}

function layoutList(state: ScreenState, place: PanePlace): Line[] {
  const focused = state.focus === "list" || state.focus === "filter";
  const title = line("Sessions", focused ? "strong" : undefined);
  return layoutPanel(place, { title, focused, lines: layoutSessionList(state, place.inner) });
}

function layoutSession(state: ScreenState, place: PanePlace, window: TranscriptLines): Line[] {
  const { open } = state;
  if (open === undefined) {
    const title = line("no session open", "dim");
    return layoutPanel(place, { title, focused: false, lines: layoutNoSession(state, place.inner.width) });
  }
  return layoutPanel(place, {
    title: sessionTitle(open, nodeName(state.mesh, open.node), state.home, place.columns - 5),
    focused: state.focus === "session" || state.focus === "transcript",
    lines: sessionLines(state, open, place, window),
  });
}

/** A session's transcript, what waits for the person, the prompt. */
function sessionLines(
  state: ScreenState,
  open: OpenSession,
  { inner }: PanePlace,
  window: TranscriptLines,
): Line[] {
  const pane = divideSessionPane(open, inner, state.nowMs);
  const options = transcriptOptions(open, inner.width, pane.transcriptHeight, state.nowMs);
  const transcript =
    open.transcript.end === 0
      ? layoutWelcome(state, inner.width).slice(0, pane.transcriptHeight)
      : window.lines(open.transcript, open.scroll, options);
  const blank: Line[] = Array.from({ length: pane.transcriptHeight - transcript.length }, () => []);
  return [...transcript, ...blank, ...pane.foot, ...editorLines(open, pane)];
}
