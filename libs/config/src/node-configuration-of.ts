import { type FileContent, STORED_SESSIONS } from "./file-schema.ts";
import type {
  AgentConfiguration,
  ModelConfiguration,
  NodeConfiguration,
  OfferedAgent,
  StoredSessionsKeeper,
} from "./node-configuration.ts";
import { expandHome } from "./paths.ts";
import type { SecretValue } from "./secret-value.ts";
import { expandDirectories } from "./value-schemas.ts";

/** The file's content under our names, in our units, with absolute paths. */
export function nodeConfigurationOf(
  file: FileContent,
  homedir: string,
  defaultName: string,
): NodeConfiguration {
  return {
    name: file.name ?? defaultName,
    labels: file.labels,
    mesh: meshOf(file.mesh, homedir),
    gateway: { listen: undefined, ...file.gateway },
    agents: file.agents.map((agent) => agentOf(agent, homedir)),
    models: file.models.map(modelOf),
    tools: {
      enable: file.tools.enable,
      directories: expandDirectories(file.tools.directories, homedir),
      timeoutMs: file.tools.timeout,
      maxOutputBytes: file.tools.max_output,
    },
    terminal: {
      enable: file.terminal.enable,
      command: file.terminal.command as [string, ...string[]] | undefined,
      max: file.terminal.max,
    },
    trustedLabels: file.trusted_labels,
    grants: file.grants,
    sessions: {
      maxLive: file.sessions.max_live,
      maxEventBytes: file.sessions.max_events,
      keepMs: file.sessions.keep,
      stored: storedOf(file.sessions.stored),
    },
    permissions: { waitMs: file.permissions.wait },
    log: { level: file.log.level, maxBytes: file.log.max_size, keep: file.log.keep },
  };
}

function storedOf(stored: FileContent["sessions"]["stored"]): readonly StoredSessionsKeeper[] {
  if (typeof stored !== "boolean") return stored;
  return stored ? STORED_SESSIONS : [];
}

function meshOf(
  { heartbeat, certificate, key, ...mesh }: FileContent["mesh"],
  homedir: string,
): NodeConfiguration["mesh"] {
  const tls =
    certificate === undefined || key === undefined
      ? undefined
      : { certificateFile: expandHome(certificate, homedir), keyFile: expandHome(key, homedir) };
  return { listen: undefined, ...mesh, tls, heartbeatMs: heartbeat };
}

function agentOf(agent: FileContent["agents"][number], homedir: string): AgentConfiguration {
  const offered: OfferedAgent = {
    id: agent.id,
    description: agent.description,
    tags: agent.tags,
    directories: expandDirectories(agent.directories, homedir),
    maxProcesses: agent.max_processes,
    maxSessions: agent.max_sessions,
    idleMs: agent.idle,
    timeoutMs: agent.timeout,
    prewarm: agent.prewarm,
    maxAgeMs: agent.max_age,
    maxServed: agent.max_served,
    maxMemoryBytes: agent.max_memory,
    permission: agent.permission,
    permissionRules: agent.permissions.map(({ kind, title, path, action }) => ({
      kinds: kind,
      title,
      path,
      action,
    })),
  };
  // That it has one of the two, and a model with the second, has been checked.
  if (agent.url === undefined) {
    return {
      kind: "process",
      ...offered,
      command: agent.command as [string, ...string[]],
      env: agent.env as Record<string, SecretValue>,
      serve: agent.serve,
    };
  }
  return {
    kind: "http",
    ...offered,
    url: agent.url,
    model: agent.model ?? "",
    apiKey: agent.api_key as SecretValue | undefined,
    headers: agent.headers as Record<string, SecretValue>,
    system: agent.system,
  };
}

function modelOf(model: FileContent["models"][number]): ModelConfiguration {
  return {
    id: model.id,
    baseUrl: model.base_url,
    api: model.api,
    model: model.model ?? model.id,
    apiKey: model.api_key as SecretValue | undefined,
    headers: model.headers as Record<string, SecretValue>,
    timeoutMs: model.timeout,
  };
}
