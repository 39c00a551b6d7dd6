import { type CommandId, commandFor, type Place } from "../keys/commands.ts";
import type { KeyPress } from "../keys/key-press.ts";
import { HELP_DIALOG } from "../state/dialog.ts";
import { insert } from "../state/editor.ts";
import { changeOpen, moveNodeChoice, type ScreenState } from "../state/screen.ts";
import { oneLine, plainText } from "../text/plain-text.ts";
import { dialogHandlers, editDirectory } from "./dialog-handlers.ts";
import { editHandlers } from "./edit-handlers.ts";
import { changing, type Handler, type Surroundings } from "./handlers.ts";
import { listHandlers } from "./list-handlers.ts";
import { answerByNumber, sessionHandlers } from "./session-handlers.ts";
import { transcriptHandlers } from "./transcript-handlers.ts";

const HANDLERS: Readonly<Record<CommandId, Handler>> = {
  help: changing((state) => ({ ...state, dialog: HELP_DIALOG })),
  sessions: changing((state) => ({ ...state, tab: "sessions", dialog: undefined })),
  nodes: changing((state) => ({ ...state, tab: "nodes", dialog: undefined })),
  quit: ({ quit }) => quit(),
  redraw: ({ redraw }) => redraw(),
  "node.up": changing((state) => moveNodeChoice(state, -1)),
  "node.down": changing((state) => moveNodeChoice(state, 1)),
  "node.quit": ({ quit }) => quit(),
  ...listHandlers,
  ...editHandlers,
  ...transcriptHandlers,
  ...sessionHandlers,
  ...dialogHandlers,
};

/** Where keys go now, the most particular place first. */
export function placesOf({ dialog, tab, focus }: ScreenState): readonly Place[] {
  if (dialog !== undefined) return ["dialog", "everywhere"];
  if (tab === "nodes") return ["nodes", "everywhere"];
  return [focus === "list" ? "sessions" : focus, "everywhere"];
}

/** Does what a key or a run of text means now. Drawn at once. */
export function press(surroundings: Surroundings, keyPress: KeyPress): void {
  if ("key" in keyPress) pressKey(surroundings, keyPress.key);
  else type(surroundings, keyPress.text);
  surroundings.store.publish();
}

/** Text that was pasted: never a command. */
export function paste(surroundings: Surroundings, text: string): void {
  addText(surroundings, text);
  surroundings.store.publish();
}

function pressKey(surroundings: Surroundings, key: string): void {
  const command = commandFor(key, placesOf(surroundings.store.state));
  if (command !== undefined) HANDLERS[command](surroundings);
}

/** In a list each character is a key, until one of them leads to where text goes: `/gem` filters, also when it comes at once. */
function type(surroundings: Surroundings, text: string): void {
  let rest = text;
  while (rest !== "" && !takesText(surroundings.store.state)) {
    const [character = rest] = rest;
    rest = rest.slice(character.length);
    pressKey(surroundings, character);
  }
  if (rest === "" || answerByNumber(surroundings, rest)) return;
  if (rest === "?" && isOnEmptyPrompt(surroundings.store.state)) return HANDLERS.help(surroundings);
  addText(surroundings, rest);
}

function takesText({ dialog, tab, focus }: ScreenState): boolean {
  if (dialog !== undefined) return dialog.kind === "new-session";
  return tab === "sessions" && (focus === "session" || focus === "filter");
}

function isOnEmptyPrompt({ dialog, focus, open }: ScreenState): boolean {
  return dialog === undefined && focus === "session" && open?.editor.text === "";
}

function addText({ store }: Surroundings, text: string): void {
  store.update((state) => {
    const { dialog, focus, tab } = state;
    if (dialog !== undefined) return editDirectory(state, (directory) => insert(directory, oneLine(text)));
    if (tab !== "sessions") return state;
    if (focus === "filter") return { ...state, filter: state.filter + oneLineKeepingSpaces(text) };
    if (focus !== "session") return state;
    return changeOpen(state, (open) => ({
      ...open,
      editor: insert(open.editor, plainText(text)),
      // Why there is no session stays in view.
      problem: open.phase === "failed" ? open.problem : undefined,
    }));
  });
}

function oneLineKeepingSpaces(text: string): string {
  return plainText(text).replaceAll("\n", " ");
}
