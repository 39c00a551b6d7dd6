import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { Homes } from "./homes.ts";
import { COLUMNS, MAIN, openScreen, ROWS } from "./screen.ts";

const homes = new Homes();
afterAll(() => homes[Symbol.asyncDispose]());

const labsLeft = () => readdirSync(homes.directory).filter((name) => name.startsWith("clawmatrix-lab-"));

async function nothingIsLeft(): Promise<void> {
  await expect.poll(() => [...homes.processes().values()], { timeout: 10_000 }).toEqual([]);
  expect(labsLeft()).toEqual([]);
}

describe("the lab on a terminal", () => {
  it("opens in a session of demo@server, through the relay, and leaves no process and no file", async () => {
    await using screen = openScreen(["lab"], homes.env);
    const first = await screen.until(/┌ demo@server [\s\S]*› type help, then enter/);
    expect(first).toMatch(/ ClawMatrix {2}laptop ● 3 nodes {3}1 Sessions {2}2 Nodes/);
    expect(first).toMatch(/CLAWMATRIX_HOME=\S+\/laptop clawmatrix status/);
    expect(first).toMatch(/▶ Welcome/);
    expect(first).toMatch(/relay ● direct.* server ● via relay/);

    screen.send("slow 5\r");
    await screen.until(/› slow 5[\s\S]*1 2 3 4 5 /);

    screen.send("run sh greet.sh\r");
    await screen.until(/\? demo wants to run sh greet\.sh +1.allow/);
    screen.send("1");
    await screen.until(/✓ execute {2}run sh greet\.sh[\s\S]*└ hello, world[\s\S]*— Allow/);

    screen.send("edit greet.sh world => mesh\r");
    await screen.until(/│ greet\.sh \+1 -1[\s\S]*1 - echo "hello, world"[\s\S]*1 \+ echo "hello, mesh"/);
    screen.send("3");
    await screen.until(/permission: edit greet\.sh — Reject/);

    screen.send("\u0003");
    expect(await screen.ended).toBe(0);
    await nothingIsLeft();
  }, 60_000);
});

const hasTmux = spawnSync("tmux", ["-V"]).status === 0;
if (!hasTmux) console.warn("tmux is not installed: the lab is not tested in it");

describe.runIf(hasTmux)("the lab in tmux", () => {
  it("takes a text and Enter that come together, and fits the window when that changes", async () => {
    const socket = `clawmatrix-lab-${process.pid}`;
    const tmux = (...args: string[]) =>
      execFileSync("tmux", ["-L", socket, ...args], { encoding: "utf8", env: homes.env });
    const pane = () => tmux("capture-pane", "-p", "-t", "lab");
    const shows = (pattern: RegExp) => expect.poll(pane, { timeout: 15_000 }).toMatch(pattern);
    const size = ["-x", String(COLUMNS), "-y", String(ROWS)];
    tmux("-f", "/dev/null", "new-session", "-d", "-s", "lab", ...size, process.execPath, MAIN, "lab");
    try {
      await shows(/› type help, then enter/);
      tmux("send-keys", "-t", "lab", "hello from tmux", "Enter");
      await shows(/● [\s\S]*you said: hello from tmux/);
      tmux("resize-window", "-t", "lab", "-x", "80", "-y", "24");
      await shows(/^ ClawMatrix .*\? help\n┌ demo@server [\s\S]*you said: hello from tmux/);
      expect(pane().trimEnd().split("\n")).toHaveLength(24);
      tmux("send-keys", "-t", "lab", "C-c");
      await expect.poll(() => spawnSync("tmux", ["-L", socket, "has-session"]).status).toBe(1);
    } finally {
      spawnSync("tmux", ["-L", socket, "kill-server"]);
    }
    await nothingIsLeft();
  }, 60_000);
});
