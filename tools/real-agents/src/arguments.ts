import { parseArgs } from "node:util";
import { claude } from "./agents/claude.ts";
import { codex } from "./agents/codex.ts";
import type { RealAgent } from "./agents/real-agent.ts";

export const USAGE = `Usage: npm run test:agents [-- [codex] [claude] [--direct] [--show]]

Checks ClawMatrix with agents as they are published (default: codex) against a scripted model on loopback.
The agents are installed into the user's cache directory once; nothing else needs a network or an account.

  --direct   speak to the agents over stdio, without ClawMatrix between
  --show     with --direct: print what the agents send
`;

export interface Arguments {
  readonly agents: readonly RealAgent[];
  readonly direct: boolean;
  readonly show: boolean;
  readonly help: boolean;
}

/** @throws Error that names what is wrong with `args`. */
export function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      direct: { type: "boolean", default: false },
      show: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const known = [codex, claude];
  const agents = positionals.map((id) => {
    const agent = known.find((one) => one.id === id);
    if (agent === undefined) {
      throw new Error(`there is no agent "${id}" here, only ${known.map((one) => one.id).join(" and ")}`);
    }
    return agent;
  });
  return { ...values, agents: agents.length > 0 ? agents : [codex] };
}
