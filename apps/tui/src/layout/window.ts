import type { TranscriptItem } from "../state/transcript/items.ts";
import type { Transcript } from "../state/transcript/transcript.ts";
import type { Line } from "../text/line.ts";
import { layoutItem } from "./item.ts";

/** The line at the top of the window: of item number `item`, its line number `line`. Undefined: the end is followed. */
export type Scroll = { readonly item: number; readonly line: number } | undefined;

export interface WindowOptions {
  readonly width: number;
  readonly height: number;
  readonly opened: ReadonlySet<number>;
  /** Number of the item that enter acts on. */
  readonly chosen: number | undefined;
  readonly nowMs: number;
  /** The session's directory. */
  readonly cwd: string;
}

/** Layouts in each half of what is kept: some screens, so that scrolling to and fro lays nothing out anew. */
const MAX_KEPT = 500;

interface Kept {
  readonly key: string;
  readonly lines: readonly Line[];
}

/**
 * The part of a transcript that fits a window. Only what is in it is laid out, and that once per item, width and fold: the cost
 * does not grow with the transcript.
 */
export class TranscriptWindow {
  /** Layouts in two halves: when the younger is full it becomes the older, and what the older still holds is forgotten. */
  #younger = new Map<TranscriptItem, Kept>();
  #older = new Map<TranscriptItem, Kept>();

  /** The lines in the window, at most `height`. */
  lines(transcript: Transcript, scroll: Scroll, options: WindowOptions): readonly Line[] {
    const top = scroll ?? this.#up(transcript, { item: transcript.end, line: 0 }, options.height, options);
    const lines: Line[] = [];
    for (let item = top.item; item < transcript.end && lines.length < options.height; item++) {
      const all = this.#linesOf(transcript, item, options);
      for (
        let at = item === top.item ? top.line : 0;
        at < all.length && lines.length < options.height;
        at++
      ) {
        lines.push(all[at]!);
      }
    }
    return lines;
  }

  /** The window moved by `delta` lines, negative: up. Where its end meets the transcript's, it follows. */
  scrolled(transcript: Transcript, scroll: Scroll, delta: number, options: WindowOptions): Scroll {
    const end = { item: transcript.end, line: 0 };
    const lowest = this.#up(transcript, end, options.height, options);
    const from =
      scroll === undefined || before(scroll, { item: transcript.first, line: 0 })
        ? scroll
          ? { item: transcript.first, line: 0 }
          : lowest
        : scroll;
    const moved =
      delta < 0 ? this.#up(transcript, from, -delta, options) : this.#down(transcript, from, delta, options);
    return before(moved, lowest) ? moved : undefined;
  }

  /** The window moved as little as shows the beginning of `item`. */
  showing(transcript: Transcript, scroll: Scroll, item: number, options: WindowOptions): Scroll {
    const wanted = { item, line: 0 };
    const top = this.scrolled(transcript, scroll, 0, options);
    const lowest = this.#up(transcript, { item: transcript.end, line: 0 }, options.height, options);
    const first = top ?? lowest;
    const last = this.#down(transcript, first, options.height - 1, options);
    if (before(wanted, first)) return wanted;
    if (!before(last, wanted)) return top;
    const moved = this.#up(
      transcript,
      wanted,
      Math.max(0, options.height - this.#linesOf(transcript, item, options).length),
      options,
    );
    return before(moved, lowest) ? moved : undefined;
  }

  #up(
    transcript: Transcript,
    from: NonNullable<Scroll>,
    count: number,
    options: WindowOptions,
  ): NonNullable<Scroll> {
    let { item, line } = from;
    let left = count;
    while (left > line && item > transcript.first) {
      left -= line;
      item--;
      line = this.#linesOf(transcript, item, options).length;
    }
    return { item, line: Math.max(0, line - left) };
  }

  #down(
    transcript: Transcript,
    from: NonNullable<Scroll>,
    count: number,
    options: WindowOptions,
  ): NonNullable<Scroll> {
    let { item } = from;
    let line = from.line + count;
    while (item < transcript.end) {
      const length = this.#linesOf(transcript, item, options).length;
      if (line < length) break;
      line -= length;
      item++;
    }
    return item >= transcript.end ? { item: transcript.end, line: 0 } : { item, line };
  }

  #linesOf(transcript: Transcript, number: number, options: WindowOptions): readonly Line[] {
    const item = transcript.item(number);
    if (item === undefined) return [];
    const opened = options.opened.has(number);
    const chosen = options.chosen === number;
    const follows = transcript.item(number - 1);
    const gap = follows !== undefined && needsGap(follows, item);
    const second = isTicking(item) ? Math.floor(options.nowMs / 100) : 0;
    const key = `${options.width} ${opened} ${chosen} ${gap} ${second}`;
    const kept = this.#younger.get(item) ?? this.#older.get(item);
    if (kept?.key === key) return kept.lines;
    const { width, nowMs, cwd } = options;
    const laidOut = layoutItem(item, { width, opened, chosen, nowMs, cwd });
    const lines = gap ? [[], ...laidOut] : laidOut;
    this.#keep(item, { key, lines });
    return lines;
  }

  #keep(item: TranscriptItem, kept: Kept): void {
    if (this.#younger.size >= MAX_KEPT) {
      this.#older = this.#younger;
      this.#younger = new Map();
    }
    this.#younger.set(item, kept);
  }
}

function before(a: NonNullable<Scroll>, b: NonNullable<Scroll>): boolean {
  return a.item < b.item || (a.item === b.item && a.line < b.line);
}

/** A blank line above, but for what belongs together. An empty piece of an answer shows nothing. */
function needsGap(above: TranscriptItem, item: TranscriptItem): boolean {
  if (item.kind === "answer" && item.text.trim() === "") return false;
  if (item.kind === "asked" && item.answer === undefined) return false;
  if (item.kind === "tool" && above.kind === "tool") return false;
  return !(item.kind === "asked" && above.kind === "tool");
}

/** A tool call that runs shows how long. */
function isTicking(item: TranscriptItem): boolean {
  return item.kind === "tool" && item.call.endedAtMs === undefined;
}
