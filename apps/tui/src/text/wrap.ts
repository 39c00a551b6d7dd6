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
