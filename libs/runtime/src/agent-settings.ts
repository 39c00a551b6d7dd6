import type { AgentSettings } from "@clawmatrix/agents";
import { type AgentConfiguration, resolveSecret } from "@clawmatrix/config";
import type { Clock } from "@clawmatrix/environment";

/** Programs that configurations may name without their being on the PATH: by name, what is run instead. */
export type OwnPrograms = Readonly<Record<string, readonly string[]>>;

/** What the configuration says of an agent, as the service takes it. Secrets are read when a process starts, and not kept. */
export function agentSettings(
  agent: AgentConfiguration,
  clock: Clock,
  env: NodeJS.ProcessEnv,
  programs: OwnPrograms,
): AgentSettings {
  const [program, ...args] = agent.command;
  return {
    id: agent.id,
    description: agent.description,
    tags: agent.tags,
    command: Object.hasOwn(programs, program) ? [...programs[program]!, ...args] : agent.command,
    env: async () => {
      const values = Object.entries(agent.env).map(async ([name, value]) => [
        name,
        await resolveSecret(value, { key: `agents.${agent.id}.env.${name}`, clock, env }),
      ]);
      return Object.fromEntries(await Promise.all(values)) as Record<string, string>;
    },
    directories: agent.directories,
    maxProcesses: agent.maxProcesses,
    maxSessions: agent.maxSessions,
    idleMs: agent.idleMs,
    timeoutMs: agent.timeoutMs,
    prewarm: agent.prewarm,
    maxAgeMs: agent.maxAgeMs,
    maxServed: agent.maxServed,
    maxMemoryBytes: agent.maxMemoryBytes,
    serve: agent.serve,
    permission: agent.permission,
  };
}
