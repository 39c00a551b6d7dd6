import type { AST } from "toml-eslint-parser";
import type { KeyPath, TomlDocument } from "./toml-document.ts";

/** From `start` to before `end`, in characters of the text. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What belongs to each table whose path is wanted, in the order of the text: the comment right above its header,
 * header, keys, comments between them, and comments right below the last key. A comment with an empty line on both
 * sides belongs to nobody, and one right above the next header to that.
 */
export function blockRanges(document: TomlDocument, isWanted: (path: KeyPath) => boolean): TextRange[] {
  const lines = lineStarts(document.text);
  const commentLines = new Set(
    document.comments
      .filter((comment) => isAlone(document.text, comment))
      .map((comment) => comment.loc.start.line),
  );
  const tables = document.root.body.filter((item): item is AST.TOMLTable => item.type === "TOMLTable");
  return tables.flatMap((table, i) => {
    if (!isWanted(table.resolvedKey)) return [];
    let first = table.loc.start.line;
    while (commentLines.has(first - 1)) first--;
    const next = tables[i + 1]?.loc.start.line ?? Number.POSITIVE_INFINITY;
    const lastKeyLine = (table.body.at(-1) ?? table.key).loc.end.line;
    let last = lastKeyLine;
    while (commentLines.has(last + 1)) last++;
    if (last + 1 === next) last = lastKeyLine;
    return [{ start: lines[first - 1]!, end: lines[last] ?? document.text.length }];
  });
}

function isAlone(text: string, comment: AST.Comment): boolean {
  const start = text.lastIndexOf("\n", comment.range[0] - 1) + 1;
  return text.slice(start, comment.range[0]).trim() === "";
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
