import * as z from "zod";
import {
  agentId,
  commandLine,
  directory,
  duration,
  environmentName,
  hostPort,
  list,
  loopbackHostPort,
  modelId,
  nodeName,
  peerUrl,
  providerUrl,
  secret,
  size,
  text,
  wholeNumber,
  word,
} from "./value-schemas.ts";

// The configuration file, key by key. The descriptions are the manual: the comments of a new file, the reference and
// the JSON schema are made of them. Each `example` is a value that the file accepts.

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const YEAR_MS = 366 * 24 * HOUR_MS;
const MIB = 2 ** 20;

const mesh = z
  .strictObject({
    listen: hostPort().optional().meta({
      description: "Accept peers here. Leave it out behind NAT: the node then only dials out.",
      example: "0.0.0.0:19000",
    }),
    advertise: list(peerUrl(), 16)
      .prefault([])
      .meta({
        description:
          "How others reach this node, where that is not as it listens (a name, a proxy with TLS in front).",
        example: ["wss://home.example/mesh"],
      }),
    peers: list(peerUrl(), 256)
      .prefault([])
      .meta({
        description:
          "Nodes to keep a link to. One that is always there is enough; `join` writes those of its invitation here.",
        example: ["wss://relay.example:19000"],
      }),
    relay: z.boolean().prefault(true).meta({
      description:
        "Forward packets between nodes that do not reach each other. They are sealed: a relay reads nothing of them.",
    }),
  })
  .prefault({})
  .meta({ description: "How this node is linked to the others." });

const gateway = z
  .strictObject({
    listen: loopbackHostPort().optional().meta({
      description:
        "Serve the model providers' APIs here, for programs on this machine that have the token of `gateway.token`.",
      example: "127.0.0.1:19080",
    }),
  })
  .prefault({})
  .meta({ description: "The models of the mesh over HTTP." });

const agent = z.strictObject({
  id: agentId().meta({ description: "How people and other nodes name the agent.", example: "coder" }),
  description: text(1_024).prefault("").meta({
    description: "What it is good for, in a sentence.",
    example: "Claude Code in the monorepo",
  }),
  tags: list(nodeName(), 32)
    .prefault([])
    .meta({ description: "Words to find it by.", example: ["typescript"] }),
  command: commandLine().meta({
    description:
      "The program that speaks ACP on its standard input and output, and its arguments. Not a shell line.",
    example: ["claude-agent-acp"],
  }),
  env: z
    .record(environmentName(), secret())
    .prefault({})
    .meta({
      title: "table of secrets",
      description:
        "Environment of the process, on top of the node's own. A value is a text, comes from the node's environment, or from what a command prints.",
      example: { ANTHROPIC_API_KEY: { command: ["pass", "anthropic"] } },
    }),
  directories: list(directory(), 64)
    .prefault(["~"])
    .meta({
      description: "The only places where sessions may run.",
      example: ["~/src"],
    }),
  max_processes: wholeNumber(1, 64).prefault(2).meta({ description: "Processes at once." }),
  max_sessions: wholeNumber(1, 1_000)
    .prefault(8)
    .meta({ description: "Live sessions at once, over all its processes." }),
  idle: duration(SECOND_MS, YEAR_MS).prefault("5m").meta({
    description: "How long a process is kept that no session uses.",
  }),
  timeout: duration(SECOND_MS, HOUR_MS).prefault("60s").meta({
    description: "For any request to the agent but a turn.",
  }),
  prewarm: wholeNumber(0, 64).prefault(0).meta({
    description: "Processes kept started before anybody asks; not more than `max_processes`.",
    example: 1,
  }),
  permission: z.enum(["ask", "allow", "deny", "reads"]).prefault("ask").meta({
    description:
      "What happens when the agent asks for permission and whoever drives the session did not say: `ask` a person, `allow` or `deny` all, `reads` allows what ACP calls read, search, fetch and think, and asks for the rest.",
  }),
});

const model = z.strictObject({
  id: modelId().meta({
    description: "How people and other nodes name the model.",
    example: "qwen3-coder",
  }),
  base_url: providerUrl().meta({
    description: "The provider's endpoint.",
    example: "http://127.0.0.1:11434/v1",
  }),
  api: z
    .enum(["openai", "anthropic"])
    .meta({ description: "Whose API the endpoint speaks.", example: "openai" }),
  model: word(256).optional().meta({
    description: "What the provider calls the model, where that is not its id.",
    example: "qwen3-coder:30b",
  }),
  api_key: secret()
    .optional()
    .meta({
      description:
        'The provider\'s key: a text, `{ env = "NAME" }` or `{ command = ["program", "argument"] }`.',
      example: { env: "PROVIDER_API_KEY" },
    }),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/, "must be the name of a header"), secret())
    .prefault({})
    .meta({
      title: "table of secrets",
      description: "Headers added to every request to the provider.",
      example: { "X-Team": "tools" },
    }),
  timeout: duration(SECOND_MS, HOUR_MS).prefault("5m").meta({
    description: "How long the provider may be silent before a request is given up.",
  }),
});

const tools = z
  .strictObject({
    enable: list(
      z.enum(["read_file", "write_file", "edit_file", "list_directory", "find_text", "exec", "fetch"]),
      64,
    )
      .prefault([])
      .meta({
        description:
          "Tools that other nodes may be granted (see `[[grants]]`). None are on unless named here.",
        example: ["read_file", "list_directory", "find_text"],
      }),
    directories: list(directory(), 64)
      .prefault(["~"])
      .meta({
        description: "The only places that file tools touch, and where commands start.",
        example: ["~/src"],
      }),
    timeout: duration(SECOND_MS, 24 * HOUR_MS)
      .prefault("2m")
      .meta({
        description: "For a call that brings no deadline of its own.",
      }),
    max_output: size(1_024, 64 * MIB)
      .prefault("4MiB")
      .meta({
        description: "What one call may return; the rest is cut off, and said to be.",
      }),
  })
  .prefault({})
  .meta({ description: "Tools of this machine for the other nodes." });

const terminal = z
  .strictObject({
    enable: z
      .boolean()
      .prefault(false)
      .meta({ description: "Offer terminals to nodes that were granted `terminal`." }),
    command: commandLine()
      .optional()
      .meta({
        description: "What runs in a terminal. Default: your login shell.",
        example: ["bash", "-l"],
      }),
    max: wholeNumber(1, 256).prefault(8).meta({ description: "Open terminals at once." }),
  })
  .prefault({})
  .meta({ description: "Terminals on this machine for the other nodes." });

/** The words that a capability begins with, and whether a name follows. */
const CAPABILITY =
  /^(?:\*|(?:agent|model|tool):[^\s:][^\s]{0,127}|terminal|sessions:(?:watch|control|\*)|diagnostics)$/;

function capability() {
  return z
    .string()
    .regex(
      CAPABILITY,
      "must be agent:…, model:…, tool:… with an id or *, terminal, sessions:watch, sessions:control, diagnostics, or *",
    )
    .meta({ title: "capability" });
}

const grant = z.strictObject({
  to: list(word(128), 256)
    .min(1, "must name somebody")
    .meta({
      description: "Who: names or ids of nodes, `label:` and a label, or `*` for all members.",
      example: ["laptop"],
    }),
  allow: list(capability(), 256)
    .prefault([])
    .meta({
      description:
        "What they may use: `agent:ID`, `model:ID`, `tool:NAME` (`*` for all), `terminal`, `sessions:watch`, `sessions:control`, `diagnostics`.",
      example: ["agent:*", "model:*", "tool:*", "terminal"],
    }),
  deny: list(capability(), 256)
    .prefault([])
    .meta({
      description: "What they may not use, whatever else allows it.",
      example: ["tool:exec"],
    }),
});

const sessions = z
  .strictObject({
    max_live: wholeNumber(1, 10_000)
      .prefault(100)
      .meta({ description: "Sessions that may be live at once on this node." }),
    max_events: size(64 * 1_024, 4_096 * MIB)
      .prefault("64MiB")
      .meta({
        description: "How much is kept of what happened in one session; the beginning goes first.",
      }),
    keep: duration(HOUR_MS, YEAR_MS)
      .prefault("90d")
      .meta({ description: "How long closed sessions are kept." }),
  })
  .prefault({})
  .meta({ description: "What is kept of sessions." });

const permissions = z
  .strictObject({
    wait: duration(SECOND_MS, 30 * 24 * HOUR_MS)
      .prefault("1h")
      .meta({
        description: "How long a question of an agent waits for a person before it is denied.",
      }),
  })
  .prefault({})
  .meta({ description: "Permissions and questions of agents." });

const log = z
  .strictObject({
    level: z
      .enum(["debug", "info", "warn", "error"])
      .prefault("info")
      .meta({ description: "The least that is logged." }),
    max_size: size(64 * 1_024, 1_024 * MIB)
      .prefault("10MiB")
      .meta({
        description: "Size at which the log file is put aside and a new one begun.",
      }),
    keep: wholeNumber(0, 100).prefault(3).meta({ description: "Older log files kept." }),
  })
  .prefault({})
  .meta({ description: "The log of this node." });

/** The whole file. */
export const fileSchema = z
  .strictObject({
    name: nodeName().optional().meta({
      description: "The label under which people see this node. Default: the name of the machine.",
      example: "server",
    }),
    labels: list(nodeName(), 32)
      .prefault([])
      .meta({
        description: "Words by which grants and people mean several nodes at once.",
        example: ["home", "linux"],
      }),
    mesh,
    gateway,
    agents: list(agent, 256)
      .prefault([])
      .meta({ description: "An agent that this node offers. One block for each." }),
    models: list(model, 256).prefault([]).meta({
      description: "A model that this node offers to the mesh. One block for each.",
    }),
    tools,
    terminal,
    grants: list(grant, 256).prefault([]).meta({
      description:
        "What others may use here. Members may always use agents and models, and control the sessions they opened; everything else only if granted. A deny wins.",
    }),
    sessions,
    permissions,
    log,
  })
  .meta({ title: "ClawMatrix configuration" });

/** What the file says, checked, under the file's own names. */
export type FileContent = z.output<typeof fileSchema>;
