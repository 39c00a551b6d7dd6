import type { PermissionDefault } from "../agent-settings.ts";
import type { FoundRule } from "./first-rule.ts";
import { describeRule, type RuleAction } from "./permission-rule.ts";

/** What becomes of a permission request. */
export type Decision = RuleAction;

export interface DecideOptions {
  /** The first rule that matches. */
  readonly found: FoundRule | undefined;
  /** What the client of the turn said; undefined where it left it to the settings. */
  readonly clientPolicy: PermissionDefault | undefined;
  readonly policy: PermissionDefault;
  /** ACP's kind of the tool call. */
  readonly kind: string | undefined;
}

/** What ACP calls these changes nothing. */
const READING_KINDS: ReadonlySet<string> = new Set(["read", "search", "fetch", "think"]);

/**
 * A rule is the word of the node's owner and goes before whatever the client says, but for one thing: what a client denies is
 * denied. Without a rule the client's policy holds, and without that the agent's.
 */
export function decide({ found, clientPolicy, policy, kind }: DecideOptions): {
  readonly decision: Decision;
  /** The rule that decided, for people; undefined where a policy did. */
  readonly by: string | undefined;
} {
  const action = found?.rule.action;
  if (found === undefined || (clientPolicy === "deny" && action !== "deny"))
    return { decision: decisionOf(clientPolicy ?? policy, kind), by: undefined };
  return { decision: found.rule.action, by: describeRule(found.rule, found.number) };
}

function decisionOf(policy: PermissionDefault, kind: string | undefined): Decision {
  if (policy !== "reads") return policy;
  return READING_KINDS.has(kind ?? "") ? "allow" : "ask";
}
