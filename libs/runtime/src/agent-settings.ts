import { join } from "node:path";
import { type AgentSettings, HTTP_AGENT_KEY, type HttpAgentIntroduction } from "@clawmatrix/agents";
import {
  type AgentConfiguration,
  type HttpAgentConfiguration,
  type ProcessAgentConfiguration,
  resolveSecret,
  type SecretValue,
} from "@clawmatrix/config";
import type { Clock } from "@clawmatrix/environment";

/** Programs that configurations may name without their being on the PATH: by name, what is run instead. */
export type OwnPrograms = Readonly<Record<string, readonly string[]>>;

export interface AgentSurroundings {
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly programs: OwnPrograms;
  /** Under which agents of our own keep what outlives their processes. */
  readonly stateDirectory: string;
}

/** What the configuration says of an agent, as the service takes it. Secrets are read when a process starts, and not kept. */
export function agentSettings(agent: AgentConfiguration, surroundings: AgentSurroundings): AgentSettings {
  return {
    id: agent.id,
    description: agent.description,
    tags: agent.tags,
    directories: agent.directories,
    maxProcesses: agent.maxProcesses,
    maxSessions: agent.maxSessions,
    idleMs: agent.idleMs,
    timeoutMs: agent.timeoutMs,
    prewarm: agent.prewarm,
    maxAgeMs: agent.maxAgeMs,
    maxServed: agent.maxServed,
    maxMemoryBytes: agent.maxMemoryBytes,
    permission: agent.permission,
    permissionRules: agent.permissionRules,
    ...(agent.kind === "http" ? endpointOf(agent, surroundings) : processOf(agent, surroundings)),
  };
}

type Start = Pick<AgentSettings, "command" | "env" | "introduction" | "startedWith" | "serve">;

function processOf(agent: ProcessAgentConfiguration, surroundings: AgentSurroundings): Start {
  const [program, ...args] = agent.command;
  const { programs } = surroundings;
  return {
    command: Object.hasOwn(programs, program) ? [...programs[program]!, ...args] : agent.command,
    env: () => resolveAll(agent.env, `agents.${agent.id}.env`, surroundings),
    startedWith: JSON.stringify(agent.env),
    serve: agent.serve,
  };
}

/** An endpoint is served by a program of our own, which is told of it over its standard input. */
function endpointOf(agent: HttpAgentConfiguration, surroundings: AgentSurroundings): Start {
  const { url, model, apiKey, headers, system, timeoutMs } = agent;
  const { programs, stateDirectory } = surroundings;
  const key = `agents.${agent.id}`;
  return {
    command: [...(programs.clawmatrix ?? ["clawmatrix"]), "http-agent"],
    env: {},
    introduction: {
      key: HTTP_AGENT_KEY,
      values: async () => {
        const introduction: HttpAgentIntroduction = {
          url,
          model,
          apiKey: apiKey === undefined ? "" : await resolve(apiKey, `${key}.api_key`, surroundings),
          headers: await resolveAll(headers, `${key}.headers`, surroundings),
          system,
          silenceMs: timeoutMs,
          stateDirectory: join(stateDirectory, agent.id),
        };
        return { ...introduction };
      },
    },
    startedWith: JSON.stringify([url, model, apiKey, headers, system, timeoutMs]),
    // A model without tools asks for nothing.
    serve: [],
  };
}

async function resolveAll(
  values: Readonly<Record<string, SecretValue>>,
  key: string,
  surroundings: AgentSurroundings,
): Promise<Record<string, string>> {
  const resolved = Object.entries(values).map(
    async ([name, value]) => [name, await resolve(value, `${key}.${name}`, surroundings)] as const,
  );
  return Object.fromEntries(await Promise.all(resolved));
}

function resolve(value: SecretValue, key: string, { clock, env }: AgentSurroundings): Promise<string> {
  return resolveSecret(value, { key, clock, env });
}
