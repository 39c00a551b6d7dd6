import { structuredPatch } from "diff";
import { harmless } from "../format.ts";
import type { Output } from "../output.ts";
import { type ContentShape, textOf } from "./acp-shapes.ts";

/** Lines of unchanged text around a change. */
const CONTEXT_LINES = 2;
/** Longer files are not compared line by line: it could take seconds. */
const MAX_COMPARED_CHARACTERS = 500_000;

/** ACP's diff as plain lines: the file, then `-` removed, `+` added, with a little of what is around. */
export function diffLines(content: ContentShape): string[] {
  const path = textOf(content.path) ?? "a file";
  const oldText = textOf(content.oldText);
  const newText = textOf(content.newText) ?? "";
  const before = oldText ?? "";
  const heading = oldText === undefined ? `new file ${path}` : path;
  if (before.length + newText.length > MAX_COMPARED_CHARACTERS)
    return [heading, "(too large to be compared here)"];
  const { hunks } = structuredPatch(path, path, before, newText, "", "", { context: CONTEXT_LINES });
  return [harmless(heading), ...hunks.flatMap((hunk) => hunk.lines.map(harmless))];
}

/** The same for a terminal, in colour. */
export function renderDiff(content: ContentShape, output: Output): string[] {
  const [heading = "", ...lines] = diffLines(content);
  return [`  ${output.noteStyle("bold", heading)}`, ...lines.map((line) => `  ${colour(line, output)}`)];
}

function colour(line: string, output: Output): string {
  if (line.startsWith("+")) return output.noteStyle("green", line);
  return line.startsWith("-") ? output.noteStyle("red", line) : line;
}
