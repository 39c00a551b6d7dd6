import { graphemesOf, nextGrapheme, previousGrapheme, widthOf } from "../text/width.ts";

/** A text being typed. `cursor` is a UTF-16 offset, always at the edge of a grapheme. */
export interface Editor {
  readonly text: string;
  readonly cursor: number;
}

/** Characters of a prompt. More, pasted, is cut: prompts travel in one frame of 1 MiB. */
export const MAX_PROMPT_CHARACTERS = 200_000;

export const EMPTY_EDITOR: Editor = Object.freeze({ text: "", cursor: 0 });

export function editorOf(text: string): Editor {
  return { text, cursor: text.length };
}

/** Puts `added` at the cursor. */
export function insert({ text, cursor }: Editor, added: string): Editor {
  const fitting = added.slice(0, Math.max(0, MAX_PROMPT_CHARACTERS - text.length));
  return { text: text.slice(0, cursor) + fitting + text.slice(cursor), cursor: cursor + fitting.length };
}

export function moveLeft({ text, cursor }: Editor): Editor {
  return { text, cursor: previousGrapheme(text, cursor) };
}

export function moveRight({ text, cursor }: Editor): Editor {
  return { text, cursor: cursor >= text.length ? cursor : nextGrapheme(text, cursor) };
}

export function moveWordLeft({ text, cursor }: Editor): Editor {
  return { text, cursor: wordStart(text, cursor) };
}

export function moveWordRight({ text, cursor }: Editor): Editor {
  const ahead = /^\s*\S+/.exec(text.slice(cursor));
  return { text, cursor: ahead === null ? text.length : cursor + ahead[0].length };
}

export function moveToLineStart({ text, cursor }: Editor): Editor {
  return { text, cursor: lineStart(text, cursor) };
}

export function moveToLineEnd({ text, cursor }: Editor): Editor {
  return { text, cursor: lineEnd(text, cursor) };
}

export function deleteLeft(editor: Editor): Editor {
  return remove(editor, moveLeft(editor).cursor, editor.cursor);
}

export function deleteRight(editor: Editor): Editor {
  return remove(editor, editor.cursor, moveRight(editor).cursor);
}

export function killWord(editor: Editor): Editor {
  return remove(editor, wordStart(editor.text, editor.cursor), editor.cursor);
}

/** Deletes to the beginning of the line; at the beginning, the line feed before it. */
export function killToLineStart(editor: Editor): Editor {
  const start = lineStart(editor.text, editor.cursor);
  return remove(editor, start === editor.cursor ? Math.max(0, start - 1) : start, editor.cursor);
}

/** Deletes to the end of the line; at the end, the line feed. */
export function killToLineEnd(editor: Editor): Editor {
  const end = lineEnd(editor.text, editor.cursor);
  return remove(editor, editor.cursor, end === editor.cursor ? Math.min(editor.text.length, end + 1) : end);
}

/** A line up (-1) or down (1), as laid out at `width`; undefined where there is none. */
export function moveVertically(editor: Editor, width: number, direction: -1 | 1): Editor | undefined {
  const { rows, row, column } = layoutEditor(editor, width);
  const target = rows[row + direction];
  if (target === undefined) return undefined;
  let cursor = target.start;
  let used = 0;
  for (const grapheme of graphemesOf(target.text)) {
    if (used + widthOf(grapheme) > column) break;
    used += widthOf(grapheme);
    cursor += grapheme.length;
  }
  return { text: editor.text, cursor };
}

/** A line of the editor on the screen. */
export interface EditorRow {
  readonly text: string;
  /** Offset of its first character. */
  readonly start: number;
}

export interface EditorLayout {
  readonly rows: readonly EditorRow[];
  /** Where the cursor is: row and column, from 0. */
  readonly row: number;
  readonly column: number;
}

/** The text broken into rows of `width` columns, the last of which the cursor may need for itself. */
export function layoutEditor({ text, cursor }: Editor, width: number): EditorLayout {
  const columns = Math.max(2, width) - 1;
  const rows: EditorRow[] = [];
  let start = 0;
  for (const paragraph of text.split("\n")) {
    let rowStart = start;
    let row = "";
    let used = 0;
    for (const grapheme of graphemesOf(paragraph)) {
      const wanted = widthOf(grapheme);
      if (used + wanted > columns) {
        rows.push({ text: row, start: rowStart });
        rowStart += row.length;
        row = "";
        used = 0;
      }
      row += grapheme;
      used += wanted;
    }
    rows.push({ text: row, start: rowStart });
    start += paragraph.length + 1;
  }
  const row = Math.max(
    0,
    rows.findLastIndex((candidate) => candidate.start <= cursor),
  );
  const at = rows[row] ?? { text: "", start: 0 };
  return { rows, row, column: widthOf(at.text.slice(0, cursor - at.start)) };
}

function remove({ text, cursor }: Editor, from: number, to: number): Editor {
  return {
    text: text.slice(0, from) + text.slice(to),
    cursor: cursor > from ? Math.min(cursor, from) : cursor,
  };
}

function wordStart(text: string, cursor: number): number {
  return cursor - (/\S*\s*$/.exec(text.slice(0, cursor))?.[0].length ?? 0);
}

function lineStart(text: string, cursor: number): number {
  return cursor === 0 ? 0 : text.lastIndexOf("\n", cursor - 1) + 1;
}

function lineEnd(text: string, cursor: number): number {
  const end = text.indexOf("\n", cursor);
  return end === -1 ? text.length : end;
}
