import type { JsonObject } from "@clawmatrix/acp-wire";
import type { PermissionRule } from "./inputs/permission-rule.ts";

/** What happens to a permission request that the client did not say how to treat. */
export type PermissionDefault = "ask" | "allow" | "deny" | "reads";

/**
 * Requests that an agent has of its client: text files within the allowed directories, and commands that begin there. Both
 * run as the user of the node, as the agent does.
 */
export type LocalServing = "files" | "terminals";

/** One agent that this node offers. */
export interface AgentSettings {
  readonly id: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Program and arguments, not a shell line. Never empty. */
  readonly command: readonly string[];
  /**
   * Environment of the process on top of the node's own. A function is called at every start of a process, so that
   * secrets are not held.
   */
  readonly env: Readonly<Record<string, string>> | (() => Promise<Readonly<Record<string, string>>>);
  /**
   * What the agent is told of itself under `key` in `_meta` of `initialize`, over its standard input: unlike arguments and
   * environment, no other process can read that. Called at every start. Undefined: nothing.
   */
  readonly introduction?: {
    readonly key: string;
    readonly values: () => Promise<JsonObject>;
  };
  /** Differs where `env` or `introduction` give something else: processes that were started before take no new sessions. */
  readonly startedWith?: string;
  /** The only places, absolute, where sessions may run; the first is where they run unless told. Never empty. */
  readonly directories: readonly string[];
  /** Processes of this agent at once, over all trust classes. */
  readonly maxProcesses: number;
  /** Live sessions of this agent at once. */
  readonly maxSessions: number;
  /** Milliseconds for which a process without a session in use is kept. */
  readonly idleMs: number;
  /** Deadline in milliseconds of every request to the agent but a turn. */
  readonly timeoutMs: number;
  /** Processes kept started before anybody asks; whoever asks first has it for its own. 0: none. */
  readonly prewarm: number;
  /** Milliseconds after which a process is replaced, once no session uses it. */
  readonly maxAgeMs: number;
  /** Sessions after which a process is replaced, once no session uses it. */
  readonly maxServed: number;
  /** Resident bytes of a process and what it started, from which on it is replaced, once no session uses it. Linux only. */
  readonly maxMemoryBytes: number;
  /** What this node serves of an agent's requests where the client that opened the session does not. */
  readonly serve: readonly LocalServing[];
  readonly permission: PermissionDefault;
  /** What its permission requests are answered by before anything else; the first that matches decides. */
  readonly permissionRules: readonly PermissionRule[];
}

/** What holds of an agent where its settings say nothing, but for id, command and directories. */
export const DEFAULT_AGENT_SETTINGS = Object.freeze({
  description: "",
  tags: [] as readonly string[],
  env: {},
  maxProcesses: 4,
  maxSessions: 16,
  idleMs: 300_000,
  timeoutMs: 60_000,
  prewarm: 0,
  maxAgeMs: 24 * 60 * 60 * 1_000,
  maxServed: 200,
  maxMemoryBytes: 2 * 1024 * 1024 * 1024,
  serve: ["files", "terminals"] as readonly LocalServing[],
  permission: "ask" as PermissionDefault,
  permissionRules: [] as readonly PermissionRule[],
});
