import { layoutScreen } from "../layout/screen-layout.ts";
import {
  deleteLeft,
  deleteRight,
  type Editor,
  insert,
  killToLineEnd,
  killToLineStart,
  killWord,
  moveLeft,
  moveRight,
  moveToLineEnd,
  moveToLineStart,
  moveVertically,
  moveWordLeft,
  moveWordRight,
} from "../state/editor.ts";
import { recallAfter, recallBefore } from "../state/prompt-history.ts";
import { changeOpen, type ScreenState } from "../state/screen.ts";
import { changing, changingOpen, type Handler, type Handlers } from "./handlers.ts";

type EditCommands =
  | "prompt.newline"
  | "edit.up"
  | "edit.down"
  | "edit.left"
  | "edit.right"
  | "edit.word-left"
  | "edit.word-right"
  | "edit.line-start"
  | "edit.line-end"
  | "edit.backspace"
  | "edit.delete"
  | "edit.kill-word"
  | "edit.kill-start"
  | "edit.kill-end";

/** Columns of the mark before the prompt. */
const PROMPT_MARK = 2;

/** The prompt's editor. */
export const editHandlers: Handlers<EditCommands> = {
  "prompt.newline": editing((editor) => insert(editor, "\n")),
  "edit.up": changing((state) => vertically(state, -1)),
  "edit.down": changing((state) => vertically(state, 1)),
  "edit.left": editing(moveLeft),
  "edit.right": editing(moveRight),
  "edit.word-left": editing(moveWordLeft),
  "edit.word-right": editing(moveWordRight),
  "edit.line-start": editing(moveToLineStart),
  "edit.line-end": editing(moveToLineEnd),
  "edit.backspace": editing(deleteLeft),
  "edit.delete": editing(deleteRight),
  "edit.kill-word": editing(killWord),
  "edit.kill-start": editing(killToLineStart),
  "edit.kill-end": editing(killToLineEnd),
};

function editing(edit: (editor: Editor) => Editor): Handler {
  return changingOpen((open) => ({ ...open, editor: edit(open.editor) }));
}

/** A line up or down; at the edge, the prompt before or after. */
function vertically(state: ScreenState, direction: -1 | 1): ScreenState {
  const width = layoutScreen(state)?.session?.inner.width;
  if (width === undefined) return state;
  return changeOpen(state, (open) => {
    const moved = moveVertically(open.editor, width - PROMPT_MARK, direction);
    if (moved !== undefined) return { ...open, editor: moved };
    const recalled = direction < 0 ? recallBefore(open.history, open.editor) : recallAfter(open.history);
    return recalled === undefined ? open : { ...open, ...recalled };
  });
}
