import type { GrantConfiguration } from "@clawmatrix/config";
import { isNodeId, parseNodeId } from "@clawmatrix/identity";
import type { Caller } from "@clawmatrix/protocol";

/** What a node knows of a caller beside its id. */
export interface CallerDescription {
  /** The name under which it was admitted; undefined where another member has the same. */
  readonly name: string | undefined;
  readonly labels: readonly string[];
}

/** What members may use where no rule says otherwise. */
const DEFAULT_ALLOW = ["agent:*", "model:*"];

/** What this node lets others use: rules of its own configuration, and of nobody else's. */
export class Grants {
  #rules: readonly GrantConfiguration[];
  readonly #describe: (nodeId: string) => CallerDescription;

  constructor(rules: readonly GrantConfiguration[], describe: (nodeId: string) => CallerDescription) {
    this.#rules = rules;
    this.#describe = describe;
  }

  replace(rules: readonly GrantConfiguration[]): void {
    this.#rules = rules;
  }

  /** Whether the caller has a capability: "agent:codex", "sessions:watch", "terminal". A rule that denies wins. */
  allows(caller: Caller, capability: string): boolean {
    if (caller.local) return true;
    if (!caller.member) return false;
    const description = this.#describe(caller.nodeId);
    const rules = this.#rules.filter(({ to }) =>
      to.some((subject) => means(subject, caller.nodeId, description)),
    );
    if (rules.some(({ deny }) => covers(deny, capability))) return false;
    return covers(DEFAULT_ALLOW, capability) || rules.some(({ allow }) => covers(allow, capability));
  }
}

function means(subject: string, nodeId: string, { name, labels }: CallerDescription): boolean {
  if (subject === "*") return true;
  if (subject.startsWith("label:")) return labels.includes(subject.slice("label:".length));
  if (subject === name) return true;
  const plain = subject.replaceAll("-", "").toLowerCase();
  return isNodeId(plain) && parseNodeId(plain) === nodeId;
}

function covers(patterns: readonly string[], capability: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith("*") ? capability.startsWith(pattern.slice(0, -1)) : pattern === capability,
  );
}
