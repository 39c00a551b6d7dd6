import type { CatalogueEntry } from "@clawmatrix/agents/catalogue";
import type { NewAgent } from "@clawmatrix/config";
import { DEMO_COMMAND } from "../demo-command.ts";
import { wrongUsage } from "../wrong-usage.ts";

/** The flags of `clawmatrix agents add`. */
export interface AddAgentOptions {
  readonly description?: string;
  readonly directory?: readonly string[];
  readonly env?: readonly string[];
  readonly url?: string;
  readonly model?: string;
  readonly apiKeyEnv?: string;
}

/** The agent that is to be added: a program or an endpoint, as was said or as the catalogue knows it. */
export function newAgent(
  id: string,
  command: readonly string[],
  options: AddAgentOptions,
  known: CatalogueEntry | undefined,
): NewAgent {
  const description = options.description ?? known?.description;
  const { directory } = options;
  const isEndpoint = options.url !== undefined || (command.length === 0 && known?.endpoint !== undefined);
  return {
    id,
    ...(isEndpoint ? endpointOf(id, command, options, known) : programOf(id, command, options, known)),
    ...(description === undefined ? {} : { description }),
    ...(directory === undefined ? {} : { directories: directory }),
  };
}

type Start = Pick<NewAgent, "command" | "env" | "url" | "model" | "apiKey">;

function programOf(
  id: string,
  command: readonly string[],
  { env, model, apiKeyEnv }: AddAgentOptions,
  known: CatalogueEntry | undefined,
): Start {
  if (model !== undefined || apiKeyEnv !== undefined)
    throw wrongUsage("--model and --api-key-env are for endpoints", "name its address: --url http://…/v1");
  const [program, ...args] =
    command.length > 0 ? command : id === "demo" ? DEMO_COMMAND : (known?.command ?? []);
  if (program === undefined) {
    throw wrongUsage(
      `"${id}" is not in the catalogue, so its command or endpoint must be given`,
      `clawmatrix agents add ${id} -- COMMAND ARGUMENTS, or --url URL --model MODEL`,
    );
  }
  return { command: [program, ...args], ...(env === undefined ? {} : { env: parseEnvironment(env) }) };
}

function endpointOf(
  id: string,
  command: readonly string[],
  { url, model, apiKeyEnv, env }: AddAgentOptions,
  known: CatalogueEntry | undefined,
): Start {
  if (command.length > 0) throw wrongUsage("an agent has either a command or --url");
  if (env !== undefined) throw wrongUsage("--env is for commands; --api-key-env names an endpoint's key");
  const endpoint = known?.endpoint;
  const at = url ?? endpoint?.url ?? "";
  const asked = model ?? endpoint?.model;
  if (asked === undefined)
    throw wrongUsage(
      `the model that ${at} is asked for must be given`,
      `clawmatrix agents add ${id}${url === undefined ? "" : ` --url ${url}`} --model MODEL`,
    );
  const variable = apiKeyEnv ?? endpoint?.keyVariable;
  return { url: at, model: asked, ...(variable === undefined ? {} : { apiKey: { env: variable } }) };
}

function parseEnvironment(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw wrongUsage(`--env ${pair}: write NAME=VALUE`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
