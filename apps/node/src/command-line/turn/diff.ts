import { structuredPatch } from "diff";
import type { Output } from "../output.ts";
import type { ContentShape } from "./acp-shapes.ts";

/** Lines of unchanged text around a change. */
const CONTEXT_LINES = 2;
/** Longer files are not compared line by line: it could take seconds. */
const MAX_COMPARED_CHARACTERS = 500_000;

/** ACP's diff as lines for a terminal: `-` removed, `+` added. */
export function renderDiff(
  { path = "a file", oldText, newText = "" }: ContentShape,
  output: Output,
): string[] {
  const before = oldText ?? "";
  const heading = output.noteStyle(
    "bold",
    oldText === null || oldText === undefined ? `  new file ${path}` : `  ${path}`,
  );
  if (before.length + newText.length > MAX_COMPARED_CHARACTERS)
    return [heading, "  (too large to be compared here)"];
  const { hunks } = structuredPatch(path, path, before, newText, "", "", { context: CONTEXT_LINES });
  const lines = hunks.flatMap((hunk) => hunk.lines);
  return [heading, ...lines.map((line) => `  ${colour(line, output)}`)];
}

function colour(line: string, output: Output): string {
  if (line.startsWith("+")) return output.noteStyle("green", line);
  return line.startsWith("-") ? output.noteStyle("red", line) : line;
}
