import { type CatalogueEntry, findInCatalogue } from "@clawmatrix/agents/catalogue";
import { agentsOf, isReachable, nodesOf } from "@clawmatrix/client";
import { type ConfigurationEdit, editConfiguration } from "@clawmatrix/config";
import { nodeIdToBytes } from "@clawmatrix/identity";
import { type MeshStatus, StatusError } from "@clawmatrix/protocol";
import { agentJson, agentStateName } from "../../json/node-json.ts";
import { configurationSource } from "../configuration-source.ts";
import type { CommandContext } from "../context.ts";
import { DEMO_COMMAND } from "../demo-command.ts";
import type { Output } from "../output.ts";
import { renderTable } from "../table.ts";
import { wrongUsage } from "../wrong-usage.ts";
import { readStatus } from "./status.ts";

/** `clawmatrix agents`: the agents of all nodes. */
export async function listAgents(context: CommandContext): Promise<void> {
  const { output } = context;
  const status = await readStatus(context);
  if (output.json) {
    return output.document(
      offersOf(status).map(({ offer, name, id, reachable }) => ({
        ...agentJson(offer, name, id),
        reachable,
      })),
    );
  }
  const rows = offersOf(status).map(({ offer, name, reachable }) => [
    `${offer.id}@${name}`,
    reachable ? agentStateName(offer.state) : "unreachable",
    String(offer.sessions),
    offer.why === "" ? offer.description : offer.why,
  ]);
  if (rows.length === 0)
    output.line(
      "No agents yet. `clawmatrix agents add claude` (codex, gemini, …, or any ACP command) offers one here.",
    );
  else output.line(renderTable(["AGENT", "STATE", "SESSIONS", "DESCRIPTION"], rows));
}

export interface AddAgentOptions {
  readonly description?: string;
  readonly directory?: readonly string[];
  readonly env?: readonly string[];
}

/** `clawmatrix agents add ID [-- COMMAND …]`: writes it into the configuration; a running node takes it over at once. */
export async function addAgent(
  context: CommandContext,
  id: string,
  command: readonly string[],
  options: AddAgentOptions,
): Promise<void> {
  const known = findInCatalogue(id);
  const [program, ...args] =
    command.length > 0 ? command : id === "demo" ? DEMO_COMMAND : (known?.command ?? []);
  if (program === undefined) {
    throw wrongUsage(
      `"${id}" is not in the catalogue, so its command must be given`,
      `clawmatrix agents add ${id} -- COMMAND ARGUMENTS`,
    );
  }
  const description = options.description ?? known?.description;
  const edit: ConfigurationEdit = {
    kind: "add-agent",
    agent: {
      id,
      command: [program, ...args],
      ...(description === undefined ? {} : { description }),
      ...(options.directory === undefined ? {} : { directories: options.directory }),
      ...(options.env === undefined ? {} : { env: parseEnvironment(options.env) }),
    },
  };
  await editConfiguration(configurationSource(context.paths), edit);
  await takeOver(context);
  const { output } = context;
  if (output.json) output.document({ id, command: [program, ...args] });
  else {
    output.note(`${id} is offered by this node: ${[program, ...args].join(" ")}`);
    if (known !== undefined && command.length === 0) describeNeeds(known, output);
    output.note(`\`clawmatrix agents check ${id}\` starts it and shows what it can.`);
  }
}

/** `clawmatrix agents remove ID`. */
export async function removeAgent(context: CommandContext, id: string): Promise<void> {
  await editConfiguration(configurationSource(context.paths), { kind: "remove-agent", id });
  await takeOver(context);
  if (context.output.json) context.output.document({ id });
  else context.output.note(`${id} is no longer offered by this node.`);
}

/** Has the node read its configuration at once, so that the next command finds it in effect. One that is not running will. */
async function takeOver({ connect, signal }: CommandContext): Promise<void> {
  try {
    await (await connect()).local().reload({}, { signal });
  } catch (thrown) {
    if (StatusError.from(thrown).reason !== "node-not-running") throw thrown;
  }
}

function describeNeeds({ install, env, login }: CatalogueEntry, output: Output): void {
  if (install !== undefined) output.note(`If its command is not installed yet: ${install}`);
  for (const { name, description } of env)
    output.note(`It reads ${name} from the environment: ${description}.`);
  if (login !== undefined) output.note(`Or sign in once with: ${login}`);
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

function offersOf(status: MeshStatus) {
  return nodesOf(status).flatMap((node) =>
    agentsOf(status, node).map((offer) => ({
      offer,
      name: node.name,
      id: nodeIdToBytes(node.id),
      reachable: isReachable(node),
    })),
  );
}
