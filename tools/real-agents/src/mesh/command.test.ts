import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { Command } from "./command.ts";

const DEADLINE_MS = 10_000;

function start(script: string, deadlineMs = DEADLINE_MS): Command {
  return new Command(process.execPath, ["-e", script], { env: {}, cwd: tmpdir(), deadlineMs });
}

test("interrupts a program after it has printed something, and has its exit code and output", async () => {
  const command = start(`
    process.once("SIGINT", () => { console.error("stopped"); process.exit(130); });
    setInterval(() => {}, 1000);
    console.log("started");
  `);
  await command.printed("started", DEADLINE_MS);
  command.interrupt();
  expect(await command.result()).toEqual({ code: 130, stdout: "started\n", stderr: "stopped\n" });
});

test("kills a program that does not end", async () => {
  expect((await start("setInterval(() => {}, 1000)", 50).result()).code).toBe(-1);
});
