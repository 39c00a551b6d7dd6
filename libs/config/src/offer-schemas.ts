import * as z from "zod";
import {
  commandLine,
  directory,
  duration,
  headers,
  list,
  modelId,
  providerUrl,
  secret,
  size,
  wholeNumber,
  word,
} from "./value-schemas.ts";

// What this node offers to others, key by key, and to whom.

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const MIB = 2 ** 20;

export const model = z.strictObject({
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
  headers: headers().meta({
    description: "Headers added to every request to the provider.",
    example: { "X-Team": "tools" },
  }),
  timeout: duration(SECOND_MS, HOUR_MS).prefault("5m").meta({
    description: "How long the provider may be silent before a request is given up.",
  }),
});

export const tools = z
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

export const terminal = z
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

export const grant = z.strictObject({
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
