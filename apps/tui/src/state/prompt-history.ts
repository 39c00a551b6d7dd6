import { type Editor, EMPTY_EDITOR, editorOf } from "./editor.ts";

/** Prompts that are kept; older ones are forgotten. */
const MAX_PROMPTS = 200;

/** The prompts of a session so far, and which of them the editor shows. */
export interface PromptHistory {
  /** Oldest first. */
  readonly prompts: readonly string[];
  /** Index of the prompt that is shown; undefined: the one being written. */
  readonly at: number | undefined;
  /** What was being written when the person went back. */
  readonly draft: Editor;
}

export const EMPTY_HISTORY: PromptHistory = Object.freeze({
  prompts: [],
  at: undefined,
  draft: EMPTY_EDITOR,
});

/** With one more prompt, showing the one being written. The same one twice in a row is kept once. */
export function remember(history: PromptHistory, prompt: string): PromptHistory {
  const prompts =
    history.prompts.at(-1) === prompt ? history.prompts : [...history.prompts, prompt].slice(-MAX_PROMPTS);
  return { prompts, at: undefined, draft: EMPTY_EDITOR };
}

export interface Recalled {
  readonly history: PromptHistory;
  readonly editor: Editor;
}

/** The prompt before the one shown; undefined at the oldest. */
export function recallBefore(history: PromptHistory, editor: Editor): Recalled | undefined {
  const at = (history.at ?? history.prompts.length) - 1;
  const prompt = history.prompts[at];
  if (prompt === undefined) return undefined;
  const draft = history.at === undefined ? editor : history.draft;
  return { history: { ...history, at, draft }, editor: editorOf(prompt) };
}

/** The prompt after the one shown, and after the newest what was being written; undefined there. */
export function recallAfter(history: PromptHistory): Recalled | undefined {
  if (history.at === undefined) return undefined;
  const prompt = history.prompts[history.at + 1];
  if (prompt === undefined) return { history: { ...history, at: undefined }, editor: history.draft };
  return { history: { ...history, at: history.at + 1 }, editor: editorOf(prompt) };
}
