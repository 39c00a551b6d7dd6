import { execFileSync, spawnSync } from "node:child_process";
import { spawn as spawnOnTerminal } from "@lydell/node-pty";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltProgram, buildProgram } from "./testing/build-program.ts";

const MAIN_SCREEN = "\u001b[?1049l";
const CURSOR_SHOWN = "\u001b[?25h";

let program: BuiltProgram;

beforeAll(async () => {
  program = await buildProgram();
});

afterAll(() => program[Symbol.asyncDispose]());

describe("the terminal is as it was", () => {
  /** The program's output on a terminal of its own, until it has ended. */
  async function run(
    env: Record<string, string>,
    signal?: NodeJS.Signals,
  ): Promise<{ code: number; output: string }> {
    const terminal = spawnOnTerminal(process.execPath, [program.file], {
      cols: 100,
      rows: 30,
      env: { ...process.env, ...env },
    });
    let output = "";
    let sent = false;
    terminal.onData((data) => {
      output += data;
      if (signal === undefined || sent || !output.includes("nodes")) return;
      sent = true;
      process.kill(terminal.pid, signal);
    });
    const { promise, resolve } = Promise.withResolvers<number>();
    terminal.onExit(({ exitCode }) => resolve(exitCode));
    return { code: await promise, output };
  }

  it("when something throws, and what it was can be read", async () => {
    const { code, output } = await run({ CRASH_AFTER_MS: "300" });
    expect(code).not.toBe(0);
    expect(output).toContain(MAIN_SCREEN);
    const after = output.slice(output.indexOf(MAIN_SCREEN));
    expect(after).toContain(CURSOR_SHOWN);
    expect(after).toContain("something broke");
  });

  it.each(["SIGTERM", "SIGHUP", "SIGINT"] as const)("after %s", async (signal) => {
    const { output } = await run({}, signal);
    expect(output).toContain(MAIN_SCREEN);
    expect(output.slice(output.indexOf(MAIN_SCREEN))).toContain(CURSOR_SHOWN);
  });
});

const hasTmux = spawnSync("tmux", ["-V"]).status === 0;
if (!hasTmux) console.warn("tmux is not installed: the terminal UI is not tested in a real terminal");

describe.runIf(hasTmux)("in tmux", () => {
  const socket = `clawmatrix-tui-${process.pid}`;
  const tmux = (...command: string[]) =>
    execFileSync("tmux", ["-L", socket, "-f", "/dev/null", ...command]).toString();
  const screen = () => tmux("capture-pane", "-p", "-t", "tui");
  const shows = (text: string | RegExp) =>
    expect.poll(screen, { timeout: 10_000, interval: 50 }).toMatch(text);
  const type = (...keys: string[]) => tmux("send-keys", "-t", "tui", ...keys);

  afterAll(() => tmux("kill-server"));

  it("a person opens a session, sends prompts, gives a permission, sees a diff and leaves", async () => {
    tmux("new-session", "-d", "-s", "tui", "-x", "120", "-y", "32", "env PS1='shell> ' sh");
    await shows("shell>");
    type(`${process.execPath} ${program.file}; echo ended with $?`, "Enter");
    await shows("No sessions yet.");
    type("n");
    await shows("▶ demo@server");
    type("Enter");
    await shows("ctrl-d detach");
    // One chunk of text and Enter, as tmux sends it.
    type("hello tmux", "Enter");
    await shows("● you said: hello tmux");
    type("run ls", "Enter");
    await shows(/\? demo wants to run ls +1.allow +2.reject/);
    type("1");
    await shows(/1 - red[\s\S]*1 \+ green[\s\S]*● Done\./);
    tmux("resize-window", "-t", "tui", "-x", "80", "-y", "24");
    await shows(/^┌ demo@server.*┐$/m);
    type("C-c");
    await shows("ended with 0");
    expect(screen()).not.toContain("demo@server");
  });
});
