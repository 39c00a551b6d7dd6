/** What becomes of the permission requests that it matches. What it says nothing of is any. */
export interface PermissionRule {
  /** ACP's kinds of tool calls. A call without a kind is `other`. */
  readonly kinds: readonly string[] | undefined;
  /** A glob over the command of the tool call, or its title: see `matchesText`. */
  readonly title: string | undefined;
  /** A glob over its files, as `PathPattern` has it. */
  readonly path: string | undefined;
  readonly action: RuleAction;
}

export type RuleAction = "allow" | "deny" | "ask";

/** Characters of a rule that `describeRule` shows of each of its globs. */
const SHOWN_CHARACTERS = 64;

/** A rule for people, by its number in the configuration, from 1: `rule 2 (deny edit ~/src/**)`. */
export function describeRule({ kinds, title, path, action }: PermissionRule, number: number): string {
  const parts = [kinds?.join("|"), title && JSON.stringify(title.slice(0, SHOWN_CHARACTERS)), path];
  const what = parts.flatMap((part) => (part ? part.slice(0, SHOWN_CHARACTERS) : [])).join(" ");
  return `rule ${number} (${action} ${what || "anything"})`;
}
