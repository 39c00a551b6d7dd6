import type { HostPort } from "./address.ts";
import type { SecretValue } from "./secret-value.ts";

/** What a checked configuration file says, with every default filled in and every path absolute. */
export interface NodeConfiguration {
  /** The label under which people see this node. Default: the machine's host name, made to fit the rules of names. */
  readonly name: string;
  /** Words by which grants and people can mean several nodes. */
  readonly labels: readonly string[];
  readonly mesh: MeshConfiguration;
  readonly gateway: GatewayConfiguration;
  readonly agents: readonly AgentConfiguration[];
  readonly models: readonly ModelConfiguration[];
  readonly tools: ToolsConfiguration;
  readonly terminal: TerminalConfiguration;
  /** The nodes, by name or id, that each label means in grants that allow something. */
  readonly trustedLabels: Readonly<Record<string, readonly string[]>>;
  readonly grants: readonly GrantConfiguration[];
  readonly sessions: SessionsConfiguration;
  readonly permissions: PermissionsConfiguration;
  readonly log: LogConfiguration;
}

export interface MeshConfiguration {
  /** Where peers are accepted; undefined on a node that only dials out. */
  readonly listen: HostPort | undefined;
  /** Files, absolute, of the certificate with which wss:// is served; undefined: ws:// is. */
  readonly tls: { readonly certificateFile: string; readonly keyFile: string } | undefined;
  /** ws:// or wss:// addresses under which others reach this node, where they differ from `listen`. */
  readonly advertise: readonly string[];
  /** ws:// or wss:// addresses of peers to dial. */
  readonly peers: readonly string[];
  /** Whether packets of other nodes are forwarded. */
  readonly relay: boolean;
  /** How often links are told that this node lives; a link that misses three is closed. From 1 s to a minute. */
  readonly heartbeatMs: number;
}

export interface GatewayConfiguration {
  /** Where local programs find the model providers' APIs; undefined: nowhere. */
  readonly listen: HostPort | undefined;
}

/** One agent that this node offers: switch on `kind`. */
export type AgentConfiguration = ProcessAgentConfiguration | HttpAgentConfiguration;

export interface AgentLimits {
  /** Processes of this agent at once. */
  readonly maxProcesses: number;
  /** Live sessions of this agent at once, over all its processes. */
  readonly maxSessions: number;
  /** How long a process without a session in use is kept. */
  readonly idleMs: number;
  /** Deadline of every request to the agent but a turn. */
  readonly timeoutMs: number;
  /** Processes kept started and ready before anybody asks. At most `maxProcesses`. */
  readonly prewarm: number;
  /** Age from which on a process is replaced, once no session uses it. */
  readonly maxAgeMs: number;
  /** Sessions that a process may have served before it is replaced, once none uses it. */
  readonly maxServed: number;
  /** Memory of a process from which on it is replaced, once no session uses it. */
  readonly maxMemoryBytes: number;
}

/** What all kinds of agents have. */
export interface OfferedAgent extends AgentLimits {
  readonly id: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** The only places, absolute, where sessions may run. Never empty. */
  readonly directories: readonly [string, ...string[]];
  /** What happens to a permission request that its client did not say how to treat, and that no rule decides. */
  readonly permission: PermissionPolicy;
  /** The first that matches decides. */
  readonly permissionRules: readonly PermissionRule[];
}

export interface ProcessAgentConfiguration extends OfferedAgent {
  readonly kind: "process";
  /** Program and arguments, not a shell line. Never empty. */
  readonly command: readonly [string, ...string[]];
  /** Environment of the process on top of the node's own; secrets are resolved when the process starts. */
  readonly env: Readonly<Record<string, SecretValue>>;
  /** Requests of the agent that this node serves where the client that opened the session does not. */
  readonly serve: readonly ("files" | "terminals")[];
}

/** An endpoint with OpenAI's chat completions. */
export interface HttpAgentConfiguration extends OfferedAgent {
  readonly kind: "http";
  /** http:// or https://, without a slash at the end; `/chat/completions` follows it. */
  readonly url: string;
  readonly model: string;
  readonly apiKey: SecretValue | undefined;
  /** Headers added to every request. */
  readonly headers: Readonly<Record<string, SecretValue>>;
  /** What the model is told before every conversation; may be empty. */
  readonly system: string;
}

export interface PermissionRule {
  /** ACP's kinds of tool calls; undefined: any. */
  readonly kinds: readonly string[] | undefined;
  /** A glob over the command or title of the tool call; undefined: any. */
  readonly title: string | undefined;
  /** A glob over the paths of the tool call, as in the file; undefined: any, also none. */
  readonly path: string | undefined;
  readonly action: "allow" | "deny" | "ask";
}

/** `ask` a person; `allow` or `deny` everything; `reads` allows what ACP calls read, search, fetch and think, and asks for the rest. */
export type PermissionPolicy = "ask" | "allow" | "deny" | "reads";

export interface ModelConfiguration {
  readonly id: string;
  /** The provider's endpoint, http:// or https://, without a slash at the end. */
  readonly baseUrl: string;
  readonly api: "openai" | "anthropic";
  /** What the provider calls the model. Default: the id. */
  readonly model: string;
  readonly apiKey: SecretValue | undefined;
  /** Headers added to every request to the provider. */
  readonly headers: Readonly<Record<string, SecretValue>>;
  /** How long the provider may be silent before the request is given up. */
  readonly timeoutMs: number;
}

export type ToolName =
  | "read_file"
  | "write_file"
  | "edit_file"
  | "list_directory"
  | "find_text"
  | "exec"
  | "fetch";

export interface ToolsConfiguration {
  readonly enable: readonly ToolName[];
  /** The only places, absolute, that file tools touch and commands start in. Never empty. */
  readonly directories: readonly [string, ...string[]];
  /** Deadline of one tool call that brings none of its own. */
  readonly timeoutMs: number;
  /** What one tool call may return; the rest is cut off and said to be. */
  readonly maxOutputBytes: number;
}

export interface TerminalConfiguration {
  readonly enable: boolean;
  /** Program and arguments. Undefined: the user's login shell. */
  readonly command: readonly [string, ...string[]] | undefined;
  /** Open terminals at once. */
  readonly max: number;
}

/** What others may use on this node; of the rules that match, a deny wins. */
export interface GrantConfiguration {
  /** Node names, node ids, `label:<label>`, or `*` for all members. */
  readonly to: readonly string[];
  /** Capabilities: `agent:<id>`, `model:<id>`, `tool:<id>`, `terminal`, `sessions:watch`, …; `*` stands for any. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

export type StoredSessionsKeeper = "openclaw" | "claude-code" | "codex" | "agents";

export interface SessionsConfiguration {
  /** Sessions that may be live at once on this node. */
  readonly maxLive: number;
  /** Size of one session's stored events; the oldest go first. */
  readonly maxEventBytes: number;
  /** How long events and closed sessions are kept. */
  readonly keepMs: number;
  /** Whose sessions on this machine are listed besides those of the mesh: of these programs, or by agents themselves. */
  readonly stored: readonly StoredSessionsKeeper[];
}

export interface PermissionsConfiguration {
  /** How long a permission request or a question waits for a person before it is denied. */
  readonly waitMs: number;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogConfiguration {
  readonly level: LogLevel;
  /** Size at which the log file is put aside and a new one begun. */
  readonly maxBytes: number;
  /** Old log files kept. */
  readonly keep: number;
}
