import { CheckOutcome, type CheckResponse, StatusError } from "@clawmatrix/protocol";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import { findInstalledAgents } from "../installed-agents.ts";
import type { Output } from "../output.ts";
import { checkConfiguration } from "./config.ts";
import { readStatus } from "./status.ts";

const OUTCOMES = {
  good: { mark: "✓", style: "green" },
  warning: { mark: "!", style: "yellow" },
  bad: { mark: "✗", style: "red" },
} as const;

type Found = Pick<CheckResponse, "subject" | "message" | "hint"> & {
  readonly outcome: keyof typeof OUTCOMES;
};

/** `clawmatrix doctor`: what is wrong with this node, and how to mend it. Fails if something is. */
export async function doctor(context: CommandContext): Promise<number> {
  const { output, signal } = context;
  let broken = false;
  const show = (found: Found): void => {
    broken ||= found.outcome === "bad";
    if (output.json) output.document(found);
    else output.line(describe(found, output));
  };
  try {
    const connection = await context.connect();
    for await (const check of connection.diagnostics().check({}, { signal })) show(foundOf(check));
    const idle = await agentsNotOffered(context);
    if (idle !== undefined) show(idle);
  } catch (thrown) {
    const error = StatusError.from(thrown);
    if (error.reason !== "node-not-running") throw error;
    show({ subject: "node", outcome: "bad", message: error.message, hint: error.hint ?? "" });
    await checkConfiguration(context);
  }
  return broken ? ExitCode.failed : ExitCode.done;
}

/** Agents of the catalogue whose programs are on this machine, and which the node does not offer. */
async function agentsNotOffered(context: CommandContext): Promise<Found | undefined> {
  const { agents } = await readStatus(context);
  const offered = new Set(agents.map(({ id }) => id));
  const idle = (await findInstalledAgents(context.env)).filter((id) => !offered.has(id));
  if (idle.length === 0) return undefined;
  return {
    subject: "agents",
    outcome: "good",
    message: `${idle.join(", ")} could be offered: found on this machine`,
    hint: `\`clawmatrix agents add ${idle[0]}\` offers one`,
  };
}

function foundOf({ subject, outcome, message, hint }: CheckResponse): Found {
  const name = outcome === CheckOutcome.GOOD ? "good" : outcome === CheckOutcome.BAD ? "bad" : "warning";
  return { subject, outcome: name, message, hint };
}

function describe({ subject, outcome, message, hint }: Found, output: Output): string {
  const { mark, style } = OUTCOMES[outcome];
  const advice = hint === "" ? "" : `\n    ${hint}`;
  return `${output.style(style, mark)} ${subject}: ${message}${advice}`;
}
