import { expect, it } from "vitest";
import { FakeMesh } from "./testing/fake-mesh.ts";
import { openTestTui } from "./testing/open-test-tui.ts";

/** The widest line of a screen, and how many lines it has. */
function sizeOf(screen: string): { columns: number; rows: number } {
  const lines = screen.split("\n");
  return { columns: Math.max(...lines.map((line) => [...line].length)), rows: lines.length };
}

it("shows the list or the session, not both, on 80×24", async () => {
  const mesh = new FakeMesh();
  mesh.addSession({ id: "s", title: "the session" }).say("Hello from the agent.");
  await using tui = openTestTui({ mesh, columns: 80, rows: 24 });
  const list = await tui.terminal.until("▶ the session");
  expect(sizeOf(list)).toEqual({ columns: 80, rows: 24 });
  tui.terminal.send("\r");
  const session = await tui.terminal.until("● Hello from the agent.");
  expect(session).not.toContain("the session");
  expect(session).toContain("┌ demo@server  ~/src/api");
  expect(session).toContain("ctrl-d detach");
  expect(sizeOf(session)).toEqual({ columns: 80, rows: 24 });
});

it.each([
  [100, 30],
  [120, 24],
  [200, 60],
])("fills %i×%i with both, side by side", async (columns, rows) => {
  const mesh = new FakeMesh();
  mesh.addSession({ id: "s", title: "the session" }).say("Hello from the agent.");
  await using tui = openTestTui({ mesh, columns, rows });
  await tui.terminal.until("▶ the session");
  tui.terminal.send("\r");
  const screen = await tui.terminal.until("● Hello from the agent.");
  expect(screen).toContain("the session");
  expect(sizeOf(screen)).toEqual({ columns, rows });
});

it("says how large the terminal has to be, and goes on once it is", async () => {
  await using tui = openTestTui({ columns: 50, rows: 10 });
  const screen = await tui.terminal.until("This terminal is 50×10");
  expect(screen.replaceAll(/\s+/g, " ")).toContain("ClawMatrix needs 60×15");
  tui.terminal.resize(60, 15);
  await tui.terminal.until("● 3 nodes");
  tui.terminal.resize(59, 15);
  await tui.terminal.until("This terminal is 59×15");
  tui.terminal.resize(20, 3);
  await tui.terminal.until("This terminal");
  tui.terminal.send("\u0003");
  expect(await tui.ended).toBe(0);
});

it("draws the same picture after resizing as it would have drawn at once", async () => {
  const mesh = new FakeMesh();
  mesh
    .addSession({ id: "s", title: "the session" })
    .say("Some words that have to be broken into lines. ".repeat(10));
  await using resized = openTestTui({ mesh, columns: 140, rows: 40 });
  await using fresh = openTestTui({ mesh, columns: 90, rows: 25 });
  for (const { terminal } of [resized, fresh]) {
    await terminal.until("▶ the session");
    terminal.send("\r");
    await terminal.until("● Some words");
  }
  resized.terminal.resize(90, 25);
  const picture = await fresh.terminal.until((screen) => !screen.includes("reading the transcript"));
  await resized.terminal.until((screen) => screen === picture);
});

it("uses no colour with NO_COLOR, and says everything in characters", async () => {
  const mesh = new FakeMesh();
  mesh.addSession({ id: "s", title: "the session" });
  await using tui = openTestTui({ mesh, env: { NO_COLOR: "1" } });
  await tui.terminal.until("▶ the session");
  expect(tui.terminal.written).not.toMatch(/\u001b\[(?:\d+;)*[349]\d(?:;\d+)*m/);
  await using colored = openTestTui({ mesh, env: {} });
  await colored.terminal.until("▶ the session");
  expect(colored.terminal.written).toMatch(/\u001b\[(?:\d+;)*3\dm/);
});

it("writes only what changes while a turn runs", async () => {
  const mesh = new FakeMesh();
  const session = mesh.addSession({ id: "s", title: "the session" });
  session.startTurn("slow");
  await using tui = openTestTui({ mesh });
  await tui.terminal.until("▶ the session");
  tui.terminal.send("\r");
  await tui.terminal.until("esc stops");
  const before = tui.terminal.written.length;
  session.say("a word");
  await tui.terminal.until("● a word");
  const written = tui.terminal.written.slice(before);
  expect(written).not.toContain("\u001b[2J");
  expect(written.length).toBeLessThan(3_000);
});

it("puts the terminal's cursor where text is typed", async () => {
  const mesh = new FakeMesh();
  mesh.addSession({ id: "s", title: "the session" });
  await using tui = openTestTui({ mesh, columns: 80, rows: 24 });
  await tui.terminal.until("▶ the session");
  tui.terminal.send("\r");
  await tui.terminal.until("ctrl-d detach");
  tui.terminal.send("日本");
  const screen = await tui.terminal.until("› 日本");
  const row = screen.split("\n").findIndex((line) => line.includes("日本"));
  await expect.poll(() => tui.terminal.cursor).toEqual({ x: 2 + 2 + 4, y: row });
});

it.each([
  ["q", 0, "q"],
  ["ctrl-c", 0, "\u0003"],
  ["ctrl-d in the list", 0, "\u0004"],
])("leaves at %s and restores the terminal", async (_name, code, key) => {
  await using tui = openTestTui();
  await tui.terminal.until("No sessions yet.");
  expect(tui.terminal.alternate).toBe(true);
  expect(tui.terminal.stdin.isRaw).toBe(true);
  tui.terminal.send(key);
  expect(await tui.ended).toBe(code);
  await expect.poll(() => tui.terminal.alternate).toBe(false);
  expect(tui.terminal.stdin.isRaw).toBe(false);
  expect(tui.terminal.written.lastIndexOf("\u001b[?25h")).toBeGreaterThan(
    tui.terminal.written.lastIndexOf("\u001b[?25l"),
  );
});

it("ends with 130 when it is interrupted from outside, with the terminal restored", async () => {
  await using tui = openTestTui();
  await tui.terminal.until("No sessions yet.");
  tui.interrupt();
  expect(await tui.ended).toBe(130);
  await expect.poll(() => tui.terminal.alternate).toBe(false);
});

it("draws the screen anew at ctrl-l, when something else has written on it", async () => {
  await using tui = openTestTui();
  await tui.terminal.until("No sessions yet.");
  tui.terminal.stdout.write("\u001b[2J\u001b[Hrubbish");
  await tui.terminal.until((screen) => screen.startsWith("rubbish"));
  tui.terminal.send("\u000c");
  await tui.terminal.until(
    (screen) => screen.startsWith(" ClawMatrix") && screen.includes("No sessions yet."),
  );
});
