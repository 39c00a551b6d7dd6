import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { graphemesOf, widthOf } from "../text/width.ts";
import {
  deleteLeft,
  deleteRight,
  type Editor,
  EMPTY_EDITOR,
  editorOf,
  insert,
  killToLineEnd,
  killToLineStart,
  killWord,
  layoutEditor,
  MAX_PROMPT_CHARACTERS,
  moveLeft,
  moveRight,
  moveToLineEnd,
  moveToLineStart,
  moveVertically,
  moveWordLeft,
  moveWordRight,
} from "./editor.ts";

/** The editor as text with the cursor as `|`. */
function shown({ text, cursor }: Editor): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

function at(text: string): Editor {
  const cursor = text.indexOf("|");
  return { text: text.replace("|", ""), cursor };
}

it.each([
  ["left, over an emoji of several code points", moveLeft, "a👩‍💻|b", "a|👩‍💻b"],
  ["right, over an accent", moveRight, "|e\u0301x", "e\u0301|x"],
  ["left at the beginning", moveLeft, "|a", "|a"],
  ["a word left", moveWordLeft, "one two  |", "one |two  "],
  ["a word right", moveWordRight, "one| two", "one two|"],
  ["to the beginning of the line", moveToLineStart, "one\ntw|o", "one\n|two"],
  ["to the end of the line", moveToLineEnd, "o|ne\ntwo", "one|\ntwo"],
  ["to the beginning of the first line", moveToLineStart, "on|e", "|one"],
] as const)("moves %s", (_name, move, before, after) => {
  expect(shown(move(at(before)))).toBe(after);
});

it.each([
  ["a whole emoji to the left", deleteLeft, "a👍🏽|", "a|"],
  ["to the right", deleteRight, "|日本", "|本"],
  ["a word", killWord, "one two |three", "one |three"],
  ["to the beginning of the line", killToLineStart, "one\ntwo|!", "one\n|!"],
  ["the line feed, at the beginning of a line", killToLineStart, "one\n|two", "one|two"],
  ["to the end of the line", killToLineEnd, "o|ne\ntwo", "o|\ntwo"],
  ["the line feed, at the end of a line", killToLineEnd, "one|\ntwo", "one|two"],
] as const)("deletes %s", (_name, remove, before, after) => {
  expect(shown(remove(at(before)))).toBe(after);
});

it("keeps the cursor at the edge of a grapheme, whatever is done", () => {
  const units = fc.constantFrom("a", " ", "\n", "日", "👩‍💻", "e\u0301");
  const edits = fc.constantFrom(
    moveLeft,
    moveRight,
    moveWordLeft,
    moveWordRight,
    deleteLeft,
    deleteRight,
    killWord,
    killToLineEnd,
  );
  fc.assert(
    fc.property(
      fc.string({ unit: units, maxLength: 20 }),
      fc.array(edits, { maxLength: 20 }),
      (text, all) => {
        const { text: rest, cursor } = all.reduce((editor: Editor, edit) => edit(editor), editorOf(text));
        const parts = graphemesOf(rest);
        const edges = Array.from(
          { length: parts.length + 1 },
          (_, count) => parts.slice(0, count).join("").length,
        );
        expect(edges).toContain(cursor);
      },
    ),
  );
});

describe("laid out", () => {
  it("shows every character once, in rows that leave a column for the cursor", () => {
    const units = fc.constantFrom("a", " ", "\n", "日");
    fc.assert(
      fc.property(
        fc.string({ unit: units, maxLength: 60 }),
        fc.integer({ min: 4, max: 20 }),
        (text, width) => {
          const { rows, row, column } = layoutEditor(editorOf(text), width);
          for (const { text: part } of rows) expect(widthOf(part)).toBeLessThan(width);
          expect(rows.map(({ text: part }) => part).join("")).toBe(text.replaceAll("\n", ""));
          expect(row).toBe(rows.length - 1);
          expect(column).toBeLessThan(width);
        },
      ),
    );
  });

  it("moves between rows at the same column, and says where there is none", () => {
    const editor = at("first\nse|cond");
    expect(shown(moveVertically(editor, 20, -1) ?? EMPTY_EDITOR)).toBe("fi|rst\nsecond");
    expect(moveVertically(editor, 20, 1)).toBeUndefined();
  });
});

it("takes no more text than fits a frame", () => {
  const full = insert(EMPTY_EDITOR, "x".repeat(MAX_PROMPT_CHARACTERS + 5));
  expect(full.text.length).toBe(MAX_PROMPT_CHARACTERS);
  expect(insert(full, "y")).toEqual(full);
});
