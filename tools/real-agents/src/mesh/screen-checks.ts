import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Checks, expect } from "../checks.ts";
import type { Command } from "./command.ts";
import type { MeshChecksOptions } from "./mesh-checks.ts";
import type { MeshNode } from "./mesh-node.ts";
import { completedLines, type RunLine, runLines } from "./run-lines.ts";

const ANSWER_DEADLINE_MS = 90_000;

type Line<Type extends RunLine["type"]> = RunLine & { readonly type: Type };

/** One session on the screens of two nodes: laptop, behind the relay, and server itself. */
export async function checkScreens(checks: Checks, options: MeshChecksOptions): Promise<void> {
  const { nodes, agentId, workDirectory } = options;
  const { laptop, server } = nodes;

  await checks.check("two screens show one session; what one answers, the other is told", async () => {
    const { id } = await laptop.mustJson<{ readonly id: string }>(
      ...["session", "new", `${agentId}@server`, "--cwd", workDirectory],
    );
    const screens = [laptop, server].map((node) => node.start("session", "attach", id, "--json"));
    try {
      for (const [turn, answering] of [laptop, server].entries()) {
        const file = `${agentId}-screens-${turn}.txt`;
        const prompt = `run a command: echo ran in $(basename $PWD) | tee ${file}`;
        const prompting = laptop.run("session", "prompt", id, prompt, "--json");
        const asked = await Promise.all(screens.map((screen) => shown(screen, "permission", turn)));
        expect(asked[0]?.id === asked[1]?.id, `the screens show other permissions: ${JSON.stringify(asked)}`);
        expect(!existsSync(join(workDirectory, file)), "the command ran before it was allowed");
        await allow(answering, asked[0] as Line<"permission">);
        const told = await Promise.all(screens.map((screen) => shown(screen, "answered", turn)));
        for (const { by } of told)
          expect(by === answering.name, `answered on ${answering.name}, told: ${by}`);
        completedLines(await prompting);
        expect(existsSync(join(workDirectory, file)), "the command did not run");
        for (const screen of screens) await shown(screen, "end", turn);
      }
      const [one, other] = screens.map((screen) => eventsOf(screen));
      expect(
        JSON.stringify(one) === JSON.stringify(other),
        `${JSON.stringify(one)}\nis not\n${JSON.stringify(other)}`,
      );
      const numbers = one?.map((line) => ("seq" in line ? line.seq : 0)) ?? [];
      const isOnce = numbers.every((seq, at) => at === 0 || seq > (numbers[at - 1] ?? 0));
      expect(isOnce && numbers.length > 0, `the numbers of the events: ${numbers.join(" ")}`);
    } finally {
      for (const screen of screens) screen.interrupt();
      await Promise.all(screens.map((screen) => screen.result()));
      await laptop.must("session", "close", id);
    }
  });
}

/** Chooses what lets the agent do it this once. */
async function allow(node: MeshNode, { id, request }: Line<"permission">): Promise<void> {
  const option = request.options.find(({ kind }) => kind === "allow_once");
  expect(option !== undefined, `nothing allows it once: ${JSON.stringify(request.options)}`);
  await node.must("answer", id, option.optionId);
}

/** The line of this type that comes after `before` others, as soon as it is there. */
function shown<Type extends RunLine["type"]>(
  screen: Command,
  type: Type,
  before: number,
): Promise<Line<Type>> {
  return screen.found(
    () => eventsOf(screen).filter((line): line is Line<Type> => line.type === type)[before],
    ANSWER_DEADLINE_MS,
  );
}

/** What the screen shows of the session, but for its first line, which says how the session is now. */
function eventsOf(screen: Command): readonly RunLine[] {
  const whole = screen.stdout.slice(0, screen.stdout.lastIndexOf("\n") + 1);
  return runLines(whole).filter(({ type }) => type !== "session");
}
