import { formFor, type OpenSession } from "../state/open-session.ts";
import type { Ask, PermissionOption } from "../state/transcript/ask.ts";
import { type Line, type Span, span } from "../text/line.ts";
import { wrapWords } from "../text/wrap.ts";

/** Words for ACP's kinds of options; other options are called by their name. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  allow_once: "allow",
  allow_always: "always",
  reject_once: "reject",
  reject_always: "never",
};

/** What waits for the person, as it stands above the prompt. */
export function layoutAsk(open: OpenSession, ask: Ask, width: number): Line[] {
  const more = open.transcript.waiting.length - 1;
  const rest: Line = more > 0 ? [span(`   (${more} more after this)`, "dim")] : [];
  return ask.kind === "permission"
    ? wrapWords([...permissionSpans(open.agent, ask), ...rest], width)
    : [...layoutQuestion(open, ask, width), ...(more > 0 ? [rest] : [])];
}

function permissionSpans(agent: string, ask: Extract<Ask, { kind: "permission" }>): Span[] {
  const options = ask.options.flatMap((option, index) => [
    span(`  ${index + 1}`, "accent"),
    // Kept together on one line: an option and its number.
    span(`\u00a0${shortName(option, ask.options).replaceAll(" ", "\u00a0")}`),
  ]);
  return [span("? ", "warn"), span(`${agent} wants to `), span(ask.title, "strong"), span(" "), ...options];
}

/** Two options of one kind can only be told apart by their names. */
function shortName({ kind, name }: PermissionOption, options: readonly PermissionOption[]): string {
  const alike = options.filter((option) => option.kind === kind).length;
  return alike === 1 ? (SHORT_NAMES[kind] ?? name) : name;
}

function layoutQuestion(open: OpenSession, ask: Extract<Ask, { kind: "question" }>, width: number): Line[] {
  const form = formFor(open, ask);
  const field = ask.fields[form.field];
  const title: Line[] = wrapWords([span("? ", "warn"), span(ask.title, "strong")], width);
  if (ask.url !== "") {
    return [
      ...title,
      ...wrapWords(
        [span("  open "), span(ask.url, "link"), span("  then press enter; esc dismisses", "dim")],
        width,
      ),
    ];
  }
  if (field === undefined) return [...title, [span("  enter: yes   esc: dismiss", "dim")]];
  const count = ask.fields.length > 1 ? ` (${form.field + 1} of ${ask.fields.length})` : "";
  const choices = field.choices.flatMap((choice, index) => [
    span(`${index === 0 ? "  " : "   "}${index + 1}`, "accent"),
    span(`\u00a0${choice.title.replaceAll(" ", "\u00a0")}`),
  ]);
  const name = ask.fields.length > 1 || choices.length === 0 ? [span(`  ${field.title}${count}:`)] : [];
  const hint =
    field.type === "choices"
      ? "  several with commas"
      : choices.length === 0
        ? "  type the answer, enter"
        : "";
  return [
    ...title,
    ...wrapWords([...name, ...choices, span(hint, "dim")], width),
    ...(form.wrong === "" ? [] : wrapWords([span(`  ${form.wrong}`, "bad")], width)),
  ];
}
