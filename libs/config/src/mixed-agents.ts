import type { ConfigurationProblem } from "./configuration-error.ts";
import { problemAt } from "./problems.ts";
import type { TomlDocument } from "./toml-document.ts";

/** What only an agent with a command, or only one with an endpoint, has. */
const WITH_COMMAND = ["env", "serve"];
const WITH_URL = ["model", "api_key", "headers", "system"];

/** An agent has either a command or an endpoint, and nothing that belongs to the other. */
export function mixedAgents(
  document: TomlDocument,
  agent: Record<string, unknown>,
  index: number,
): ConfigurationProblem[] {
  const at = (keys: string[], message: string) => problemAt(document, ["agents", index, ...keys], message);
  const has = (key: string): boolean => key in agent;
  if (has("command") && has("url"))
    return [at(["url"], "cannot stand beside command: an agent is either a program or an endpoint")];
  if (!has("command") && !has("url")) {
    // A model or key says what was meant.
    const wanted = WITH_URL.some(has) ? "url" : "command or url";
    return [at([], `needs ${wanted}: the program that speaks ACP, or the endpoint of a model`)];
  }
  const [strangers, needed] = has("url") ? [WITH_COMMAND, "command"] : [WITH_URL, "url"];
  const misplaced = strangers
    .filter(has)
    .map((key) => at([key], `belongs to agents with ${needed}, and this one has none`));
  const missing =
    has("url") && !has("model") ? [at([], "needs model: the one that its url is asked for")] : [];
  return [...misplaced, ...missing];
}
