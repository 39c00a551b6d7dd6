import { type Line, lineWidth, type Span, span } from "./line.ts";
import { graphemesOf, widthOf } from "./width.ts";

/** Breaks prose at spaces; a word longer than a line is broken where the line ends. At least one line, at least 1 wide. */
export function wrapWords(spans: Line, width: number): Line[] {
  const columns = Math.max(1, width);
  if (lineWidth(spans) <= columns) return [spans];
  const lines: Span[][] = [[]];
  let used = 0;
  let spaces: Span[] = [];
  for (const word of wordsOf(spans)) {
    if (word.space) {
      spaces = word.spans;
      continue;
    }
    const wanted = lineWidth(spaces) + lineWidth(word.spans);
    if (used + wanted <= columns) {
      lines.at(-1)?.push(...spaces, ...word.spans);
      used += wanted;
    } else {
      const pieces = wrapAnywhere(word.spans, columns);
      if (used > 0) lines.push([]);
      pieces.forEach((piece, index) => {
        if (index > 0) lines.push([]);
        lines.at(-1)?.push(...piece);
      });
      used = lineWidth(pieces.at(-1) ?? []);
    }
    spaces = [];
  }
  return lines;
}

/** Breaks a line where it is full: for code and output, whose spaces mean something. */
export function wrapAnywhere(spans: Line, width: number): Line[] {
  const columns = Math.max(1, width);
  if (lineWidth(spans) <= columns) return [spans];
  const lines: Span[][] = [[]];
  let used = 0;
  for (const { text, tone } of spans) {
    let run = "";
    for (const grapheme of graphemesOf(text)) {
      const wanted = widthOf(grapheme);
      if (used + wanted > columns && used > 0) {
        if (run !== "") lines.at(-1)?.push(span(run, tone));
        lines.push([]);
        run = "";
        used = 0;
      }
      run += grapheme;
      used += wanted;
    }
    if (run !== "") lines.at(-1)?.push(span(run, tone));
  }
  return lines;
}

/** Columns that text set in columns keeps for its last one; with less it is broken where the line is full. */
const LEAST_LAST_COLUMN = 20;

/**
 * Breaks a line of code or output. Where it is set in columns (two spaces or more in a row), its last column goes on below
 * itself, broken at words; otherwise it is broken where it is full.
 */
export function wrapColumns(spans: Line, width: number): Line[] {
  if (lineWidth(spans) <= width) return [spans];
  const text = spans.map((each) => each.text).join("");
  const column = /^.*\S {2,}(?=\S)/.exec(text)?.[0] ?? "";
  const left = widthOf(column);
  if (left === 0 || width - left < LEAST_LAST_COLUMN) return wrapAnywhere(spans, width);
  const [head, rest] = splitSpans(spans, column.length);
  return wrapWords(rest, width - left).map((line, index) =>
    index === 0 ? [...head, ...line] : [span(" ".repeat(left)), ...line],
  );
}

/** The first `length` characters, and the others. */
function splitSpans(spans: Line, length: number): [Line, Line] {
  const head: Span[] = [];
  const rest: Span[] = [];
  let left = length;
  for (const { text, tone } of spans) {
    if (left > 0) head.push(span(text.slice(0, left), tone));
    if (text.length > left) rest.push(span(text.slice(Math.max(0, left)), tone));
    left = Math.max(0, left - text.length);
  }
  return [head, rest];
}

interface Word {
  readonly space: boolean;
  readonly spans: Span[];
}

/** Words and the spaces between them; a word may run over several spans (`**bold**,`). */
function wordsOf(spans: Line): Word[] {
  const words: Word[] = [];
  for (const { text, tone } of spans) {
    for (const part of text.split(/( +)/)) {
      if (part === "") continue;
      const space = part.startsWith(" ");
      const last = words.at(-1);
      if (last !== undefined && last.space === space) last.spans.push(span(part, tone));
      else words.push({ space, spans: [span(part, tone)] });
    }
  }
  return words;
}
