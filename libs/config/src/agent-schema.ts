import * as z from "zod";
import { permissionRule } from "./permission-rule-schema.ts";
import {
  agentId,
  commandLine,
  directory,
  duration,
  environmentName,
  headers,
  list,
  nodeName,
  providerUrl,
  secret,
  size,
  text,
  wholeNumber,
  word,
} from "./value-schemas.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const YEAR_MS = 366 * 24 * HOUR_MS;
const MIB = 2 ** 20;

/** A system prompt of some ten pages. */
const MAX_SYSTEM_CHARACTERS = 32_768;

/** An agent that this node offers, key by key. */
export const agent = z.strictObject({
  id: agentId().meta({
    description: "How people and other nodes name the agent.",
    examples: ["coder", "assistant"],
  }),
  description: text(1_024).prefault("").meta({
    description: "What it is good for, in a sentence.",
    example: "Claude Code in the monorepo",
  }),
  tags: list(nodeName(), 32)
    .prefault([])
    .meta({ description: "Words to find it by.", example: ["typescript"] }),
  command: commandLine()
    .optional()
    .meta({
      description:
        "The program that speaks ACP on its standard input and output, and its arguments. Not a shell line. An agent has either this or `url`.",
      example: ["claude-agent-acp"],
    }),
  url: providerUrl().optional().meta({
    description:
      "In place of `command`: an endpoint with chat completions as OpenAI has them (an OpenClaw gateway, Ollama, vLLM, …), up to and with its version.",
    example: "http://127.0.0.1:18789/v1",
    "x-instead-of": "command",
  }),
  model: word(256).optional().meta({
    description: "With `url`: the model that the endpoint is asked for.",
    example: "openclaw:main",
    "x-instead-of": "command",
  }),
  api_key: secret()
    .optional()
    .meta({
      description:
        'With `url`: the endpoint\'s key, sent as `Authorization: Bearer`: a text, `{ env = "NAME" }` or `{ command = ["program", "argument"] }`.',
      example: { env: "OPENCLAW_GATEWAY_TOKEN" },
      "x-instead-of": "command",
    }),
  headers: headers().meta({
    description: "With `url`: headers added to every request.",
    example: { "X-Team": "tools" },
    "x-instead-of": "command",
  }),
  system: text(MAX_SYSTEM_CHARACTERS).prefault("").meta({
    description: "With `url`: what the model is told before every conversation.",
    example: "Answer briefly.",
    "x-instead-of": "command",
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
    description:
      "For any request to the agent but a turn. With `url` also for how long the endpoint may be silent in a turn.",
  }),
  prewarm: wholeNumber(0, 64).prefault(0).meta({
    description: "Processes kept started before anybody asks; not more than `max_processes`.",
    example: 1,
  }),
  max_age: duration(60 * SECOND_MS, YEAR_MS)
    .prefault("24h")
    .meta({
      description: "A process older than this is replaced, once no session uses it.",
    }),
  max_served: wholeNumber(1, 1_000_000).prefault(200).meta({
    description: "A process that has served so many sessions is replaced, once none uses it.",
  }),
  max_memory: size(16 * MIB, 1_048_576 * MIB)
    .prefault("2GiB")
    .meta({
      description: "A process that occupies so much memory is replaced, once no session uses it. Linux only.",
    }),
  serve: list(z.enum(["files", "terminals"]), 2)
    .prefault(["files", "terminals"])
    .meta({
      description:
        "What this node serves when the agent asks its client for it, and the client that opened the session does not: text files within `directories`, commands that begin there. An empty list: nothing.",
      example: ["files"],
    }),
  permission: z.enum(["ask", "allow", "deny", "reads"]).prefault("ask").meta({
    description:
      "What happens when the agent asks for permission and whoever drives the session did not say: `ask` a person, `allow` or `deny` all, `reads` allows what ACP calls read, search, fetch and think, and asks for the rest.",
  }),
  permissions: list(permissionRule, 256)
    .prefault([])
    .meta({
      description:
        "Rules for what the agent asks permission for; the first that matches decides. A `deny` always holds, an `allow` unless whoever drives the session said `--permission deny`; without a match, that and `permission` decide.",
      example: [{ kind: ["read", "search"], path: "~/src/docs/**", action: "allow" }],
    }),
});
