import type { PlanStep, TranscriptItem } from "../state/transcript/items.ts";
import { type Line, type Span, span } from "../text/line.ts";
import { widthOf } from "../text/width.ts";
import { wrapWords } from "../text/wrap.ts";
import { layoutMarkdown, layoutPlain } from "./markdown.ts";
import { layoutToolCall } from "./tool-call.ts";

export interface ItemLayout {
  readonly width: number;
  /** Shown whole rather than folded. */
  readonly opened: boolean;
  /** The one that enter acts on. */
  readonly chosen: boolean;
  readonly nowMs: number;
  /** The session's directory: paths inside are shown relative to it. */
  readonly cwd: string;
}

const PLAN_ICONS: Readonly<Record<PlanStep["status"], Span>> = {
  pending: { text: "☐ " },
  in_progress: { text: "◐ ", tone: "accent" },
  completed: { text: "☑ ", tone: "good" },
};

/** One item of a transcript as lines of at most `width` columns. */
export function layoutItem(item: TranscriptItem, layout: ItemLayout): Line[] {
  const { width } = layout;
  switch (item.kind) {
    case "prompt":
      return marked(layoutPlain(item.text, width - 2), span("› ", "accent"), "strong");
    case "answer":
      return marked(layoutMarkdown(item.text, width - 2), item.begins ? span("● ", "accent") : span("  "));
    case "thought":
      return layoutThought(item.text, layout);
    case "tool":
      return layoutToolCall(item.call, layout);
    case "plan":
      return layoutPlan(item.steps, width);
    case "asked":
      return layoutAsked(item, width);
    case "note":
      return wrapWords([span(`— ${item.text}`, "dim")], width);
    case "failure":
      return layoutFailure(item.text, item.detail, width);
  }
}

function marked(lines: readonly Line[], mark: Span, tone?: "strong"): Line[] {
  const rest = span(" ".repeat(widthOf(mark.text)));
  return lines.map((line, index) => [
    index === 0 ? mark : rest,
    ...(tone === undefined ? line : line.map(({ text }) => span(text, tone))),
  ]);
}

function layoutThought(text: string, { width, opened, chosen }: ItemLayout): Line[] {
  const mark = span(chosen ? "▶ " : "∴ ", chosen ? "accent" : "dim");
  const dim = (line: Line): Line => line.map(({ text: part }) => span(part, "dim"));
  const lines = layoutPlain(text.trim(), width - 2);
  if (opened || lines.length <= 1) return marked(lines.map(dim), mark);
  const [first = []] = layoutPlain(text.trim(), width - 14);
  return marked([[...dim(first), span(" … o: open", "dim")]], mark);
}

/** The steps side by side where they fit, otherwise below each other. */
function layoutPlan(steps: readonly PlanStep[], width: number): Line[] {
  const each = steps.map(
    ({ text, status }): Line => [PLAN_ICONS[status], span(text, status === "completed" ? "dim" : undefined)],
  );
  const together = each.flatMap((line, index) => (index === 0 ? [...line] : [span("  "), ...line]));
  const columns = together.reduce((sum, { text }) => sum + widthOf(text), 0);
  return columns <= width ? [together] : each.flatMap((line) => wrapWords(line, width));
}

function layoutAsked(item: Extract<TranscriptItem, { kind: "asked" }>, width: number): Line[] {
  const { ask, answer } = item;
  // What still waits stands above the prompt.
  if (answer === undefined) return [];
  const what = ask.kind === "permission" ? `permission: ${ask.title}` : ask.title;
  return wrapWords([span("? ", "warn"), span(what, "dim"), span(` — ${answer}`, "strong")], width);
}

function layoutFailure(text: string, detail: string, width: number): Line[] {
  const details = detail === "" ? [] : layoutPlain(detail, width - 4);
  return [
    ...wrapWords([span("✗ ", "bad"), span(text, "bad")], width),
    ...details.map((line): Line => [span("  │ ", "dim"), ...line]),
  ];
}
