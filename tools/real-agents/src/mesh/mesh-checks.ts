import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Checks, expect } from "../checks.ts";
import { COMMAND_ANSWER, HELLO, SLOW_PIECE } from "../scripted-model/script.ts";
import type { ScriptedModel } from "../scripted-model/server.ts";
import { completedLines, describeResult, runLines, textOfLines, updatesOf } from "./run-lines.ts";
import type { ThreeNodes } from "./three-nodes.ts";

/** Long enough for an agent's cold start on a slow machine. */
const ANSWER_DEADLINE_MS = 90_000;
/** Exit code of a command that was interrupted. */
const INTERRUPTED = 130;
/** The first option by which an agent lets a person allow something once, with its number in our question. */
const ALLOW_OPTION = /(\d+)\W{1,3}(?:yes|allow)\b/i;

export interface MeshChecksOptions {
  readonly nodes: ThreeNodes;
  readonly agentId: string;
  readonly model: ScriptedModel;
  /** Where the agent works, on `server`. */
  readonly workDirectory: string;
}

/** Uses an agent of `server` from `laptop`, through `relay`. */
export async function checkThroughMesh(checks: Checks, options: MeshChecksOptions): Promise<void> {
  const { nodes, agentId, model, workDirectory } = options;
  const run = (task: string, ...flags: string[]) =>
    ["run", `${agentId}@server`, task, "--cwd", workDirectory, ...flags] as const;
  const command = (file: string) => `run a command: echo ran in $(basename $PWD) | tee ${agentId}-${file}`;
  const written = (file: string) => join(workDirectory, `${agentId}-${file}`);

  await checks.check("the answer streams to laptop", async () => {
    const result = await nodes.laptop.run(...run("say hello"));
    expect(result.code === 0 && result.stdout.includes(HELLO), describeResult(result));
  });

  await checks.check("the same as JSON, whole", async () => {
    const result = await nodes.laptop.run(...run("say hello", "--json"));
    const lines = completedLines(result);
    expect(lines[0]?.type === "session", `the first line is not the session: ${result.stdout}`);
    expect(textOfLines(lines).includes(HELLO), describeResult(result));
  });

  await checks.check("a command that the flag allows runs on server", async () => {
    const result = await nodes.laptop.run(...run(command("allowed.txt"), "--json", "--permission", "allow"));
    const lines = completedLines(result);
    expect(
      updatesOf(lines).some(({ sessionUpdate }) => sessionUpdate === "tool_call"),
      `no tool call in: ${result.stdout}`,
    );
    expect(textOfLines(lines).includes(COMMAND_ANSWER), describeResult(result));
    const output = await readFile(written("allowed.txt"), "utf8");
    expect(output.includes("ran in work"), `the command wrote: ${output}`);
  });

  await checks.check("a command that the flag denies does not run", async () => {
    const result = await nodes.laptop.run(...run(command("denied.txt"), "--json", "--permission", "deny"));
    const last = runLines(result.stdout).at(-1);
    expect(last?.type === "end", `the turn did not end: ${describeResult(result)}`);
    expect(!existsSync(written("denied.txt")), "the command ran");
  });

  await checks.check("a permission is asked on laptop's terminal and answered there", async () => {
    const terminal = nodes.laptop.startOnTerminal(...run(command("answered.txt")));
    try {
      const [, number] = await terminal.shown(ALLOW_OPTION, ANSWER_DEADLINE_MS);
      expect(!existsSync(written("answered.txt")), "the command ran before it was allowed");
      terminal.type(`${number}\r`);
      const code = await terminal.exit(ANSWER_DEADLINE_MS);
      expect(code === 0 && terminal.text.includes(COMMAND_ANSWER), `ended with ${code}:\n${terminal.text}`);
      expect(existsSync(written("answered.txt")), "the command did not run");
    } finally {
      terminal.stop();
    }
  });

  await checks.check("ctrl-c on laptop stops the turn, and the agent hangs up on the model", async () => {
    const before = new Set(model.exchanges);
    const slow = nodes.laptop.start(...run("slow", "--json"));
    await slow.printed(SLOW_PIECE, ANSWER_DEADLINE_MS);
    slow.interrupt();
    const result = await slow.result();
    expect(result.code === INTERRUPTED, describeResult(result));
    await model.exchange(
      (exchange) =>
        !before.has(exchange) && exchange.step.kind === "slow" && exchange.outcome === "abandoned",
      ANSWER_DEADLINE_MS,
    );
  });

  await checks.check("the agent answers again after that", async () => {
    const result = await nodes.laptop.run(...run("say hello", "--json"));
    expect(textOfLines(completedLines(result)).includes(HELLO), describeResult(result));
  });
}
