/** An agent that can be added by name, without knowing its command. */
export interface CatalogueEntry {
  /** What `clawmatrix agents add` takes; the id of the agent unless another is given. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Program and arguments. Empty: the node's own, known to the runtime. */
  readonly command: readonly string[];
  /** The command line that installs it; undefined where there is nothing to install. */
  readonly install: string | undefined;
  /** What it reads from the environment. */
  readonly env: readonly CatalogueVariable[];
  /** How to log in where no key is given. */
  readonly login: string | undefined;
  readonly tags: readonly string[];
}

export interface CatalogueVariable {
  readonly name: string;
  readonly description: string;
  /** It cannot work without; false where a login of its own serves as well. */
  readonly required: boolean;
}

/** The agents known by name. Any other ACP agent is added by its command. */
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
