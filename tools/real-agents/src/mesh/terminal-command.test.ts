import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { TerminalCommand } from "./terminal-command.ts";

const DEADLINE_MS = 10_000;
const ASKS = `
  process.stdout.write("\\x1b[1m1\\x1b[0m) Yes\\n");
  process.stdin.once("data", (keys) => process.exit(Number(keys.toString().trim()) + 6));
`;

function start(script: string): TerminalCommand {
  return new TerminalCommand(process.execPath, ["-e", script], { env: {}, cwd: tmpdir() });
}

test("shows what a program asks and answers it", async () => {
  const terminal = start(ASKS);
  const [, number] = await terminal.shown(/(\d)\) Yes/, DEADLINE_MS);
  terminal.type(`${number}\r`);
  expect(await terminal.exit(DEADLINE_MS)).toBe(7);
});

test("says what the terminal shows when what was waited for does not come", async () => {
  const terminal = start(ASKS);
  await terminal.shown(/Yes/, DEADLINE_MS);
  await expect(terminal.shown(/No/, 1)).rejects.toThrow("1) Yes");
  terminal.stop();
  await terminal.exit(DEADLINE_MS);
});
