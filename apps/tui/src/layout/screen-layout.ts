import type { ScreenState } from "../state/screen.ts";
import type { PaneSize } from "./session-pane.ts";

/** Below this, nothing fits that makes sense. */
export const MIN_COLUMNS = 60;
export const MIN_ROWS = 15;
/** From here on, the list stands beside the session. */
const SIDE_BY_SIDE_COLUMNS = 100;
const LIST_PART = 0.3;
const MIN_LIST_COLUMNS = 34;
const MAX_LIST_COLUMNS = 46;

/** Rows above and below the panes: header and status line. */
const HEADER_ROWS = 1;
const STATUS_ROWS = 1;
/** What a pane's frame takes: edges, and a column of space on both sides. */
const FRAME_ROWS = 2;
const FRAME_COLUMNS = 4;

/** A pane with its frame. */
export interface PanePlace {
  readonly x: number;
  readonly y: number;
  readonly columns: number;
  readonly rows: number;
  /** What fits inside of the frame. */
  readonly inner: PaneSize;
}

export interface ScreenLayout {
  /** The whole width: dialogs, nodes. */
  readonly whole: PanePlace;
  /** Undefined where it does not fit beside the session, and the session has the keys. */
  readonly list: PanePlace | undefined;
  readonly session: PanePlace | undefined;
}

/** Where the panes are; undefined: the terminal is too small. */
export function layoutScreen({ columns, rows, focus, open }: ScreenState): ScreenLayout | undefined {
  if (columns < MIN_COLUMNS || rows < MIN_ROWS) return undefined;
  const height = rows - HEADER_ROWS - STATUS_ROWS;
  const place = (x: number, width: number): PanePlace => ({
    x,
    y: HEADER_ROWS,
    columns: width,
    rows: height,
    inner: { width: width - FRAME_COLUMNS, height: height - FRAME_ROWS },
  });
  const whole = place(0, columns);
  if (columns < SIDE_BY_SIDE_COLUMNS) {
    const inSession = open !== undefined && (focus === "session" || focus === "transcript");
    return { whole, list: inSession ? undefined : whole, session: inSession ? whole : undefined };
  }
  const listColumns = Math.min(MAX_LIST_COLUMNS, Math.max(MIN_LIST_COLUMNS, Math.floor(columns * LIST_PART)));
  return { whole, list: place(0, listColumns), session: place(listColumns, columns - listColumns) };
}

/** The place of a pane's first column and row inside of its frame, from 0 on the screen. */
export function innerOrigin({ x, y }: PanePlace): { readonly x: number; readonly y: number } {
  return { x: x + FRAME_COLUMNS / 2, y: y + FRAME_ROWS / 2 };
}
