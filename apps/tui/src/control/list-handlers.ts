import { NEW_SESSION_DIALOG } from "../state/dialog.ts";
import { editorOf, moveLeft } from "../state/editor.ts";
import { chosenRow, moveChoice, type ScreenState } from "../state/screen.ts";
import { changing, type Handlers } from "./handlers.ts";

type ListCommands =
  | "list.up"
  | "list.down"
  | "list.open"
  | "list.new"
  | "list.filter"
  | "list.clear-filter"
  | "list.close"
  | "list.focus"
  | "list.quit"
  | "filter.keep"
  | "filter.clear"
  | "filter.delete"
  | "filter.empty";

/** The list of sessions and its filter. */
export const listHandlers: Handlers<ListCommands> = {
  "list.up": changing((state) => moveChoice(state, -1)),
  "list.down": changing((state) => moveChoice(state, 1)),
  "list.open": ({ store, actions }) => {
    const row = chosenRow(store.state);
    if (row !== undefined) actions.open(row);
  },
  "list.new": changing((state) => ({ ...state, dialog: NEW_SESSION_DIALOG, problem: undefined })),
  "list.filter": changing((state) => ({ ...state, focus: "filter" })),
  "list.clear-filter": changing((state) => ({ ...state, filter: "", problem: undefined })),
  "list.close": changing((state) => {
    const row = chosenRow(state);
    return row === undefined || row.state === "closed"
      ? state
      : { ...state, dialog: { kind: "close-session", row } };
  }),
  "list.focus": changing((state) => (state.open === undefined ? state : { ...state, focus: "session" })),
  "list.quit": ({ quit }) => quit(),
  "filter.keep": changing((state) => ({ ...state, focus: "list" })),
  "filter.clear": changing((state) => ({ ...state, focus: "list", filter: "" })),
  "filter.delete": changing((state) => ({ ...state, filter: withoutLast(state) })),
  "filter.empty": changing((state) => ({ ...state, filter: "" })),
};

function withoutLast({ filter }: ScreenState): string {
  return filter.slice(0, moveLeft(editorOf(filter)).cursor);
}
