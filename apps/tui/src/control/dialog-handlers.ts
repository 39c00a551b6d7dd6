import { agentChoices, type Dialog, settingChoices } from "../state/dialog.ts";
import { deleteLeft, type Editor, EMPTY_EDITOR } from "../state/editor.ts";
import type { ScreenState } from "../state/screen.ts";
import { changing, type Handlers, type Surroundings } from "./handlers.ts";

type DialogCommands =
  | "dialog.up"
  | "dialog.down"
  | "dialog.accept"
  | "dialog.cancel"
  | "dialog.backspace"
  | "dialog.empty";

/** Help, new session, settings, close session. */
export const dialogHandlers: Handlers<DialogCommands> = {
  "dialog.up": changing((state) => move(state, -1)),
  "dialog.down": changing((state) => move(state, 1)),
  "dialog.accept": accept,
  "dialog.cancel": changing((state) => ({ ...state, dialog: undefined })),
  "dialog.backspace": changing((state) => editDirectory(state, deleteLeft)),
  "dialog.empty": changing((state) => editDirectory(state, () => EMPTY_EDITOR)),
};

/** Changes the directory of a session to be opened. */
export function editDirectory(state: ScreenState, edit: (directory: Editor) => Editor): ScreenState {
  const { dialog } = state;
  if (dialog?.kind !== "new-session") return state;
  return { ...state, dialog: { ...dialog, directory: edit(dialog.directory) } };
}

function move(state: ScreenState, delta: number): ScreenState {
  const { dialog } = state;
  if (dialog === undefined) return state;
  const choices =
    dialog.kind === "settings"
      ? settingChoices(state.open?.settings ?? []).length
      : agentChoices(state.mesh).length;
  return { ...state, dialog: moved(dialog, delta, choices) };
}

function moved(dialog: Dialog, delta: number, choices: number): Dialog {
  if (dialog.kind === "help") return { ...dialog, top: Math.max(0, dialog.top + delta) };
  if (dialog.kind === "close-session") return dialog;
  return { ...dialog, chosen: Math.max(0, Math.min(choices - 1, dialog.chosen + delta)) };
}

function accept({ store, actions }: Surroundings): void {
  const { dialog, mesh, open } = store.state;
  if (dialog?.kind === "new-session") {
    const choice = agentChoices(mesh)[dialog.chosen];
    if (choice === undefined) return;
    actions.create({ agent: choice.agent, node: choice.node, cwd: dialog.directory.text.trim() });
  }
  if (dialog?.kind === "settings") {
    const chosen = settingChoices(open?.settings ?? [])[dialog.chosen];
    if (chosen !== undefined) actions.set(chosen.setting, chosen.choice);
  }
  if (dialog?.kind === "close-session") actions.close(dialog.row);
  store.update((state) => ({ ...state, dialog: undefined }));
}
