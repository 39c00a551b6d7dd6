import type { ScreenState } from "../state/screen.ts";
import { widthOf } from "../text/width.ts";
import { layoutDialog } from "./dialogs.ts";
import { innerOrigin, type PanePlace, type ScreenLayout } from "./screen-layout.ts";
import { cursorInPane, divideSessionPane } from "./session-pane.ts";

/** Columns of the mark before the filter. */
const FILTER_MARK = 2;

export interface CursorPlace {
  readonly x: number;
  readonly y: number;
}

/** Where the terminal's cursor stands: where text is typed (input methods draw there); undefined: nowhere. */
export function cursorPlace(state: ScreenState, layout: ScreenLayout): CursorPlace | undefined {
  const { dialog, tab, focus, open, connection, filter } = state;
  if (dialog !== undefined)
    return inside(layout.whole, layoutDialog(state, dialog, layout.whole.inner).cursor);
  if (tab !== "sessions" || connection.phase !== "connected") return undefined;
  if (focus === "filter") return inside(layout.list, { x: FILTER_MARK + widthOf(filter), y: 0 });
  if (focus !== "session" || open === undefined || layout.session === undefined) return undefined;
  return inside(layout.session, cursorInPane(divideSessionPane(open, layout.session.inner, state.nowMs)));
}

function inside(pane: PanePlace | undefined, at: CursorPlace | undefined): CursorPlace | undefined {
  if (pane === undefined || at === undefined) return undefined;
  const origin = innerOrigin(pane);
  return {
    x: origin.x + Math.min(at.x, pane.inner.width),
    y: origin.y + Math.min(at.y, pane.inner.height - 1),
  };
}
