const MAX_NAME_CHARACTERS = 63;
const NAME = /^[A-Za-z0-9._-]+$/;

/**
 * Why `name` cannot be the name or a label of a node, or undefined if it can: 1 to 63 letters, digits, `.`, `_`, `-`,
 * of which the first is a letter or a digit, so that no name looks like a flag or a hidden file.
 */
export function problemWithNodeName(name: string): string | undefined {
  if (name === "") return "must not be empty";
  if (name.length > MAX_NAME_CHARACTERS) return `must not be longer than ${MAX_NAME_CHARACTERS} characters`;
  if (!NAME.test(name)) return "may hold only letters, digits, '.', '_' and '-'";
  if (!/^[A-Za-z0-9]/.test(name)) return "must begin with a letter or a digit";
  return undefined;
}

/** The same for the id of an agent. */
export function problemWithAgentId(id: string): string | undefined {
  return problemWithNodeName(id);
}

/** The longest model name of the known providers has about 90 characters. */
const MAX_MODEL_ID_CHARACTERS = 128;

/**
 * Why `id` cannot be the id of a model, or undefined if it can: 1 to 128 letters, digits, `.`, `_`, `-`, `:`, `/`, as
 * providers use them (`qwen/qwen3-coder:30b`). No `@`, which names the node.
 */
export function problemWithModelId(id: string): string | undefined {
  if (id === "") return "must not be empty";
  if (id.length > MAX_MODEL_ID_CHARACTERS)
    return `must not be longer than ${MAX_MODEL_ID_CHARACTERS} characters`;
  if (!/^[A-Za-z0-9][A-Za-z0-9._:/-]*$/.test(id)) {
    return "must begin with a letter or digit and may hold only letters, digits, '.', '_', '-', ':' and '/'";
  }
  return undefined;
}

/** A valid node name made out of the machine's host name: its first label, or `node` where nothing is left of it. */
export function nodeNameFromHost(hostname: string): string {
  const label = hostname.split(".")[0] ?? "";
  const name = label
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, MAX_NAME_CHARACTERS)
    .replace(/-+$/, "");
  return name === "" ? "node" : name.toLowerCase();
}
