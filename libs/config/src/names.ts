/** Why `name` cannot be the name of a node, or undefined if it can: 1 to 63 letters, digits, `.`, `_`, `-`. */
export function problemWithNodeName(_name: string): string | undefined {
  throw new Error("being written");
}

/** The same for ids of agents and models. */
export function problemWithAgentId(_id: string): string | undefined {
  throw new Error("being written");
}

/** A valid node name made out of the machine's host name. */
export function nodeNameFromHost(_hostname: string): string {
  throw new Error("being written");
}
