import stringWidth from "string-width";

/**
 * Texts in which every UTF-16 unit is a character of one column: ASCII, Latin, dashes and ellipsis, box drawing, simple shapes.
 * Nearly every line; measuring and splitting the others takes fifty times as long.
 */
const SIMPLE = /^[ -~\u00a0-\u00ac\u00ae-\u02ff\u2013-\u2026\u203a\u2500-\u25fc]*$/;
const graphemeSegmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Columns that `text` takes on a terminal. It must not hold control characters (`plainText`). */
export function widthOf(text: string): number {
  return SIMPLE.test(text) ? text.length : stringWidth(text);
}

/** What a person sees as one character each: an emoji with its modifiers, a letter with its accents. */
export function graphemesOf(text: string): string[] {
  if (SIMPLE.test(text)) return text.split("");
  return Array.from(graphemeSegmenter.segment(text), ({ segment }) => segment);
}

/** Where the grapheme before `offset` begins; 0 at the beginning. Offsets are UTF-16, at a grapheme's edge. */
export function previousGrapheme(text: string, offset: number): number {
  return offset === 0 ? 0 : (graphemeSegmenter.segment(text).containing(offset - 1)?.index ?? 0);
}

/** Where the grapheme at `offset` ends. */
export function nextGrapheme(text: string, offset: number): number {
  const at = graphemeSegmenter.segment(text).containing(offset);
  return at === undefined ? text.length : at.index + at.segment.length;
}

/** `text` cut to `width` columns in front: the end of a path says more than its beginning. */
export function truncateStart(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const kept: string[] = [];
  let used = 0;
  for (const grapheme of graphemesOf(text).reverse()) {
    used += widthOf(grapheme);
    if (used > width - 1) break;
    kept.push(grapheme);
  }
  return `…${kept.reverse().join("")}`;
}

/** `text` cut to `width` columns, with an ellipsis where something was cut. */
export function truncate(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return "";
  let cut = "";
  let used = 0;
  for (const grapheme of graphemesOf(text)) {
    const columns = widthOf(grapheme);
    if (used + columns > width - 1) break;
    cut += grapheme;
    used += columns;
  }
  return `${cut}…`;
}
