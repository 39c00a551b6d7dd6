import { type CatalogueEntry, findInCatalogue } from "@clawmatrix/agents/catalogue";
import { agentsOf, isReachable, nodesOf } from "@clawmatrix/client";
import { editConfiguration, type NewAgent } from "@clawmatrix/config";
import { nodeIdToBytes } from "@clawmatrix/identity";
import { type MeshStatus, StatusError } from "@clawmatrix/protocol";
import { agentJson, agentStateName } from "../../json/node-json.ts";
import { configurationSource } from "../configuration-source.ts";
import type { CommandContext } from "../context.ts";
import type { Output } from "../output.ts";
import { renderTable } from "../table.ts";
import { type AddAgentOptions, newAgent } from "./new-agent.ts";
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

/** `clawmatrix agents add ID`: writes it into the configuration; a running node takes it over at once. */
export async function addAgent(
  context: CommandContext,
  id: string,
  command: readonly string[],
  options: AddAgentOptions,
): Promise<void> {
  const known = findInCatalogue(id);
  const agent = newAgent(id, command, options, known);
  await editConfiguration(configurationSource(context.paths), { kind: "add-agent", agent });
  await takeOver(context);
  const { output } = context;
  const { url, model } = agent;
  if (output.json) {
    return output.document({ id, ...(url === undefined ? { command: agent.command } : { url, model }) });
  }
  output.note(`${id} is offered by this node: ${agent.command?.join(" ") ?? `${model} at ${url}`}`);
  if (known !== undefined && command.length === 0) describeNeeds(known, agent, output);
  output.note(`\`clawmatrix agents check ${id}\` starts it and shows what it can.`);
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

function describeNeeds(
  { install, env, login, endpoint }: CatalogueEntry,
  agent: NewAgent,
  output: Output,
): void {
  if (install !== undefined) output.note(`If its command is not installed yet: ${install}`);
  if (endpoint?.preparation !== undefined) output.note(`There, ${endpoint.preparation}`);
  for (const { name, description } of env) {
    // Another variable may have been named for the key.
    const isKey = name === endpoint?.keyVariable && typeof agent.apiKey === "object" && "env" in agent.apiKey;
    const variable = isKey ? (agent.apiKey as { env: string }).env : name;
    output.note(`It reads ${variable} from the environment: ${description}.`);
  }
  if (login !== undefined) output.note(`Or sign in once with: ${login}`);
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
