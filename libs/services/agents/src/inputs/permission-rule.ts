/** What becomes of the permission requests that it matches. What it says nothing of is any. */
export interface PermissionRule {
  /** ACP's kinds of tool calls. A call without a kind is `other`. */
  readonly kinds: readonly string[] | undefined;
  /** A glob over the command of the tool call, or its title: see `matchesText`. */
  readonly title: string | undefined;
  /** A glob over its files, beginning with `/`, `~/`, `./` (the session's directory) or `**\/`: see `matchesPath`. */
  readonly path: string | undefined;
  readonly action: RuleAction;
}

export type RuleAction = "allow" | "deny" | "ask";
