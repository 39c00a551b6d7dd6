/**
 * `cautious`: for what allows. A text that looks other than it is matches nothing, and `*` and `?` take nothing that a
 * shell acts on, so that `git status*` does not take `git status; rm -rf ~`. `eager`: for what denies.
 */
export type MatchMode = "cautious" | "eager";

/** What ends a command, begins another, or takes another's output. */
const SHELL_OPERATORS: ReadonlySet<string> = new Set(";&|`$<>()\r\n");
/** Characters that are not seen, or turn the others round. A line break is seen. */
const UNSEEN = /(?![\r\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/u;
const ALL_UNSEEN = new RegExp(UNSEEN, "gu");

type Step =
  | { readonly kind: "character"; readonly character: string }
  /** One character, or any number; `**` also of what a shell acts on. */
  | { readonly kind: "one" | "any" | "all" };

/**
 * Whether a glob matches the whole of a text: `?` is one character, `*` any, `**` any, also for `cautious`. Costs at most the
 * product of both lengths, whatever they are.
 */
export function matchesText(pattern: string, text: string, mode: MatchMode): boolean {
  if (mode === "cautious" && UNSEEN.test(text)) return false;
  const steps = stepsOf(plain(pattern, mode));
  let reached = skipping(steps, [0]);
  for (const character of plain(text, mode)) {
    const next: number[] = [];
    for (const at of reached) {
      const step = steps[at];
      if (step === undefined || !takes(step, character, mode)) continue;
      if (step.kind === "any" || step.kind === "all") push(next, at);
      else push(next, at + 1);
    }
    reached = skipping(steps, next);
    if (reached.length === 0) return false;
  }
  return reached.includes(steps.length);
}

/** Spaces count once; what is not seen does not count, where that may hide something. */
function plain(text: string, mode: MatchMode): string {
  const seen = mode === "eager" ? text.normalize("NFKC").replace(ALL_UNSEEN, "") : text.normalize("NFC");
  return seen.replace(mode === "eager" ? /\s+/g : /[ \t]+/g, " ").trim();
}

function stepsOf(pattern: string): Step[] {
  const steps: Step[] = [];
  for (const piece of pattern.match(/\*{2,}|[\s\S]/gu) ?? []) {
    if (piece.length > 1 && piece.startsWith("**")) steps.push({ kind: "all" });
    else if (piece === "*") steps.push({ kind: "any" });
    else if (piece === "?") steps.push({ kind: "one" });
    else steps.push({ kind: "character", character: piece });
  }
  return steps;
}

function takes(step: Step, character: string, mode: MatchMode): boolean {
  if (step.kind === "character") return step.character === character;
  return step.kind === "all" || mode === "eager" || !SHELL_OPERATORS.has(character);
}

/** With the steps behind those that may take nothing. In order, each once. */
function skipping(steps: readonly Step[], reached: readonly number[]): number[] {
  const all: number[] = [];
  for (const from of reached) {
    push(all, from);
    for (let at = from; steps[at]?.kind === "any" || steps[at]?.kind === "all"; at++) push(all, at + 1);
  }
  return all;
}

/** Since no star follows another, steps are reached in rising order, and one that was reached is the last. */
function push(list: number[], at: number): void {
  if (list.at(-1) !== at) list.push(at);
}
