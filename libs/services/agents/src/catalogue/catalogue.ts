/** An agent that can be added by name, without knowing its command or address. */
export interface CatalogueEntry {
  /** What `clawmatrix agents add` takes; the id of the agent unless another is given. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Program and arguments. Empty: the node's own, known to the runtime, or none where it has an endpoint. */
  readonly command: readonly string[];
  /** In place of a command. */
  readonly endpoint?: CatalogueEndpoint;
  /** The command line that installs it; undefined where there is nothing to install. */
  readonly install: string | undefined;
  /** What it reads from the environment. */
  readonly env: readonly CatalogueVariable[];
  /** How to log in where no key is given. */
  readonly login: string | undefined;
  readonly tags: readonly string[];
}

/** Chat completions as OpenAI has them. */
export interface CatalogueEndpoint {
  /** The program that serves it: where that is installed, the endpoint may be there. */
  readonly program: string;
  /** Where it is unless it was moved. */
  readonly url: string;
  /** Undefined: whoever adds it has to say. */
  readonly model: string | undefined;
  /** The variable of the environment that has its key; undefined: it wants none. */
  readonly keyVariable: string | undefined;
  /** What has to be done there first; undefined: nothing. */
  readonly preparation: string | undefined;
}

export interface CatalogueVariable {
  readonly name: string;
  readonly description: string;
  /** It cannot work without; false where a login of its own serves as well. */
  readonly required: boolean;
}

/** The agents known by name. Any other is added by its command, or by the address of its endpoint. */
export const catalogue: readonly CatalogueEntry[] = Object.freeze([
  {
    id: "claude",
    name: "Claude Code",
    description: "Anthropic's coding agent",
    command: ["claude-agent-acp"],
    install: "npm install -g @agentclientprotocol/claude-agent-acp",
    env: [
      {
        name: "ANTHROPIC_API_KEY",
        description: "key of the Anthropic API, unless logged in",
        required: false,
      },
    ],
    login: "claude /login",
    tags: ["coding"],
  },
  {
    id: "codex",
    name: "Codex",
    description: "OpenAI's coding agent",
    command: ["codex-acp"],
    install: "npm install -g @agentclientprotocol/codex-acp",
    env: [
      { name: "OPENAI_API_KEY", description: "key of the OpenAI API, unless logged in", required: false },
    ],
    login: "codex login",
    tags: ["coding"],
  },
  {
    id: "gemini",
    name: "Gemini CLI",
    description: "Google's coding agent",
    command: ["gemini", "--acp"],
    install: "npm install -g @google/gemini-cli",
    env: [
      { name: "GEMINI_API_KEY", description: "key of the Gemini API, unless logged in", required: false },
    ],
    login: "gemini",
    tags: ["coding"],
  },
  {
    id: "opencode",
    name: "opencode",
    description: "Open coding agent for many model providers",
    command: ["opencode", "acp"],
    install: "npm install -g opencode-ai",
    env: [],
    login: "opencode auth login",
    tags: ["coding"],
  },
  {
    id: "qwen",
    name: "Qwen Code",
    description: "Alibaba's coding agent",
    command: ["qwen", "--acp"],
    install: "npm install -g @qwen-code/qwen-code",
    env: [
      {
        name: "OPENAI_API_KEY",
        description: "key of an OpenAI-compatible API, unless logged in",
        required: false,
      },
      { name: "OPENAI_BASE_URL", description: "address of that API", required: false },
      { name: "OPENAI_MODEL", description: "model of that API", required: false },
    ],
    login: "qwen",
    tags: ["coding"],
  },
  {
    id: "openclaw",
    name: "OpenClaw",
    description: "The agent of an OpenClaw gateway",
    command: [],
    endpoint: {
      program: "openclaw",
      url: "http://127.0.0.1:18789/v1",
      model: "openclaw:main",
      keyVariable: "OPENCLAW_GATEWAY_TOKEN",
      preparation: "set gateway.http.endpoints.chatCompletions.enabled to true in its configuration",
    },
    install: undefined,
    env: [
      {
        name: "OPENCLAW_GATEWAY_TOKEN",
        description: "token or password of the gateway, with which one may do there whatever its owner may",
        required: true,
      },
    ],
    login: undefined,
    tags: ["assistant"],
  },
  {
    id: "ollama",
    name: "Ollama",
    description: "A model that Ollama runs on this machine",
    command: [],
    endpoint: {
      program: "ollama",
      url: "http://127.0.0.1:11434/v1",
      model: undefined,
      keyVariable: undefined,
      preparation: "load the model: ollama pull MODEL",
    },
    install: undefined,
    env: [],
    login: undefined,
    tags: ["model"],
  },
  {
    id: "demo",
    name: "Demo",
    description: "Embedded agent without a model: shows everything the protocol carries, by plain commands",
    command: [],
    install: undefined,
    env: [
      {
        name: "CLAWMATRIX_DEMO_STATE",
        description: "directory in which its sessions outlive its process; none: they end with it",
        required: false,
      },
    ],
    login: undefined,
    tags: ["demo"],
  },
]);

/** The entry of that name; undefined if there is none. */
export function findInCatalogue(id: string): CatalogueEntry | undefined {
  return catalogue.find((entry) => entry.id === id);
}
