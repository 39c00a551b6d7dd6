import type { GrantConfiguration } from "@clawmatrix/config";
import { isNodeId, parseNodeId } from "@clawmatrix/identity";
import type { Caller } from "@clawmatrix/protocol";

/** What a node knows of a caller beside its id. What a caller chooses itself may cost it something, and never gives it anything. */
export interface CallerDescription {
  /** The name under which it was admitted; empty where it has none. */
  readonly name: string;
  /** No other node has, or had, that name: one that took over a name would else take over its grants. */
  readonly isOnly: boolean;
  /** The labels that this node's own configuration gives it. */
  readonly trustedLabels: readonly string[];
  /** The labels that it gives itself. */
  readonly ownLabels: readonly string[];
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
    // Most nodes have no rules: then it does not matter who the caller is.
    if (this.#rules.length === 0) return covers(DEFAULT_ALLOW, capability);
    const description = this.#describe(caller.nodeId);
    const denies = this.#rules.some(
      ({ to, deny }) =>
        covers(deny, capability) && to.some((subject) => mayMean(subject, caller.nodeId, description)),
    );
    if (denies) return false;
    if (covers(DEFAULT_ALLOW, capability)) return true;
    return this.#rules.some(
      ({ to, allow }) =>
        covers(allow, capability) && to.some((subject) => surelyMeans(subject, caller.nodeId, description)),
    );
  }
}

const LABEL = "label:";

/** For what is allowed: only by what the caller cannot have chosen itself. */
function surelyMeans(
  subject: string,
  nodeId: string,
  { name, isOnly, trustedLabels }: CallerDescription,
): boolean {
  if (subject.startsWith(LABEL)) return trustedLabels.includes(subject.slice(LABEL.length));
  return subject === "*" || isIdOf(subject, nodeId) || (isOnly && name !== "" && subject === name);
}

/** For what is denied: by all that the caller is called. */
function mayMean(
  subject: string,
  nodeId: string,
  { name, trustedLabels, ownLabels }: CallerDescription,
): boolean {
  if (subject.startsWith(LABEL))
    return [...trustedLabels, ...ownLabels].includes(subject.slice(LABEL.length));
  return subject === "*" || isIdOf(subject, nodeId) || (name !== "" && subject === name);
}

function isIdOf(subject: string, nodeId: string): boolean {
  const plain = subject.replaceAll("-", "").toLowerCase();
  return isNodeId(plain) && parseNodeId(plain) === nodeId;
}

function covers(patterns: readonly string[], capability: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith("*") ? capability.startsWith(pattern.slice(0, -1)) : pattern === capability,
  );
}
