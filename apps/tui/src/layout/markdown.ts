import { marked, type Token, type Tokens } from "marked";
import type { Tone } from "../look/tones.ts";
import { fitLine, type Line, lineWidth, type Span, span } from "../text/line.ts";
import { wrapColumns, wrapWords } from "../text/wrap.ts";
import { highlight } from "./code.ts";

/** Lists and quotes inside of each other; deeper ones are shown as they were written. */
const MAX_DEPTH = 12;

/** Markdown as lines of at most `width` columns. What is no Markdown, or too deep, comes out as text. */
export function layoutMarkdown(text: string, width: number): Line[] {
  let tokens: Token[];
  try {
    tokens = marked.lexer(text);
  } catch (error) {
    // The parser recurses: text made to break it is shown as it is.
    if (error instanceof RangeError) return layoutPlain(text, width);
    throw error;
  }
  return trimBlank(layoutBlocks(tokens, width, 0));
}

/** Text as it is, broken at words. */
export function layoutPlain(text: string, width: number): Line[] {
  return text.split("\n").flatMap((part) => wrapWords([span(part)], width));
}

function layoutBlocks(tokens: readonly Token[], width: number, depth: number): Line[] {
  const lines: Line[] = [];
  for (const token of tokens) lines.push(...layoutBlock(token, Math.max(8, width), depth));
  return lines;
}

function layoutBlock(token: Token, width: number, depth: number): Line[] {
  if (depth > MAX_DEPTH) return layoutPlain(token.raw, width);
  switch (token.type) {
    case "space":
      return [[]];
    case "heading":
      return layoutInline(token.tokens ?? [], width, "heading");
    case "paragraph":
    case "text":
      return layoutInline(token.tokens ?? [token], width);
    case "code":
      return layoutCode(token as Tokens.Code, width);
    case "blockquote":
      return indent(
        layoutBlocks(token.tokens ?? [], width - 2, depth + 1),
        span("│ ", "dim"),
        span("│ ", "dim"),
      );
    case "list":
      return layoutList(token as Tokens.List, width, depth);
    case "table":
      return layoutTable(token as Tokens.Table, width);
    case "hr":
      return [[span("─".repeat(Math.min(width, 40)), "dim")]];
    case "def":
      return [];
    default:
      return layoutPlain(token.raw.trimEnd(), width);
  }
}

function layoutCode({ text }: Tokens.Code, width: number): Line[] {
  const lines = highlight(text).flatMap((line) => wrapColumns(line, width - 2));
  return indent(lines, span("▏ ", "dim"), span("▏ ", "dim"));
}

function layoutList(list: Tokens.List, width: number, depth: number): Line[] {
  const first = typeof list.start === "number" ? list.start : 1;
  return list.items.flatMap((item, index) => {
    const bullet = list.ordered ? `${first + index}. ` : "• ";
    const box = item.task ? (item.checked === true ? "☑ " : "☐ ") : bullet;
    const body = trimBlank(
      layoutBlocks(
        item.tokens.filter(({ type }) => type !== "checkbox"),
        width - box.length,
        depth + 1,
      ),
    );
    const lines = indent(body.length === 0 ? [[]] : body, span(box, "dim"), span(" ".repeat(box.length)));
    return item.loose && index < list.items.length - 1 ? [...lines, []] : lines;
  });
}

/** Columns as wide as their widest cell where that fits; otherwise each row as a line of its cells. */
function layoutTable({ header, rows }: Tokens.Table, width: number): Line[] {
  const cells = [header, ...rows].map((row) => row.map((cell) => inlineSpans(cell.tokens).flat()));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => lineWidth(row[column] ?? []))));
  const total = widths.reduce((sum, columns) => sum + columns + 2, -2);
  const lines = cells.map((row): Line => {
    if (total > width)
      return row.flatMap((cell, column) => (column === 0 ? cell : [span(" · ", "dim"), ...cell]));
    return row.flatMap((cell, column) => [
      ...cell,
      span(" ".repeat((widths[column] ?? 0) - lineWidth(cell) + (column < row.length - 1 ? 2 : 0))),
    ]);
  });
  const [head = [], ...body] = lines;
  const ruler: Line = [span("─".repeat(Math.max(1, Math.min(width, total))), "dim")];
  return [
    fitLine(
      head.map(({ text }) => span(text, "strong")),
      width,
    ),
    ruler,
    ...body.flatMap((row) => wrapWords(row, width)),
  ];
}

function layoutInline(tokens: readonly Token[], width: number, tone?: Tone): Line[] {
  return inlineSpans(tokens, tone).flatMap((line) => wrapWords(line, width));
}

/** Inline tokens as spans, in one line per line of the source. */
function inlineSpans(tokens: readonly Token[], tone?: Tone): Span[][] {
  const lines: Span[][] = [[]];
  const add = (text: string, as: Tone | undefined) => {
    text.split("\n").forEach((part, index) => {
      if (index > 0) lines.push([]);
      if (part !== "") lines.at(-1)?.push(span(part, as));
    });
  };
  const walk = (all: readonly Token[], as: Tone | undefined, depth: number) => {
    for (const token of all) {
      if (token.type === "br") lines.push([]);
      else if (token.type === "link") addLink(token as Tokens.Link, (text, linkTone) => add(text, linkTone));
      else if ("tokens" in token && token.tokens !== undefined && depth < MAX_DEPTH)
        walk(token.tokens, INLINE_TONES[token.type] ?? as, depth + 1);
      else if (token.type === "image") add(`[${token.text || "image"}](${token.href})`, "dim");
      else add("text" in token ? String(token.text) : token.raw, INLINE_TONES[token.type] ?? as);
    }
  };
  walk(tokens, tone, 0);
  return lines;
}

const INLINE_TONES: Readonly<Record<string, Tone>> = {
  strong: "strong",
  em: "emphasis",
  codespan: "code",
  del: "struck",
};

/** A link's text and, where it is not the same, where it leads: terminals cannot be hovered. */
function addLink({ text, href }: Tokens.Link, add: (text: string, tone: Tone) => void): void {
  add(text, "link");
  if (href !== text && href !== `mailto:${text}`) add(` (${href})`, "dim");
}

function indent(lines: readonly Line[], first: Span, others: Span): Line[] {
  return lines.map((line, index) => [index === 0 ? first : others, ...line]);
}

function trimBlank(lines: Line[]): Line[] {
  let from = 0;
  let to = lines.length;
  while (from < to && lineWidth(lines[from] ?? []) === 0) from++;
  while (to > from && lineWidth(lines[to - 1] ?? []) === 0) to--;
  return lines.slice(from, to);
}
