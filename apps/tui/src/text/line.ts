import type { Tone } from "../look/tones.ts";
import { truncate, widthOf } from "./width.ts";

/** A run of text in one tone. No line feeds, no control characters. */
export interface Span {
  readonly text: string;
  /** Default: the terminal's own. */
  readonly tone?: Tone;
}

/** One line of the screen, before it is painted. */
export type Line = readonly Span[];

export function span(text: string, tone?: Tone): Span {
  return tone === undefined ? { text } : { text, tone };
}

export function line(text: string, tone?: Tone): Line {
  return [span(text, tone)];
}

export function lineWidth(spans: Line): number {
  let width = 0;
  for (const { text } of spans) width += widthOf(text);
  return width;
}

/** The line cut to `width` columns. */
export function fitLine(spans: Line, width: number): Line {
  if (lineWidth(spans) <= width) return spans;
  const fitted: Span[] = [];
  let left = width;
  for (const { text, tone } of spans) {
    const columns = widthOf(text);
    if (columns >= left) {
      fitted.push(span(truncate(columns === left ? `${text}…` : text, left), tone));
      break;
    }
    fitted.push(span(text, tone));
    left -= columns;
  }
  return fitted;
}

/** `left` and, against the right edge, `right`: the left side is cut where both do not fit. `fill` is one column wide. */
export function spread(left: Line, right: Line, width: number, fill: Span = { text: " " }): Line {
  const room = Math.max(0, width - lineWidth(right));
  const fitted = fitLine(left, room);
  const gap = Math.max(0, room - lineWidth(fitted));
  return fitLine([...fitted, { ...fill, text: fill.text.repeat(gap) }, ...right], width);
}
