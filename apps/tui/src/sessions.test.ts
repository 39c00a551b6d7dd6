import { NodeReach, SessionSource, SessionState, StatusCode, StatusError } from "@clawmatrix/protocol";
import { expect, it } from "vitest";
import { FakeMesh, idBytes } from "./testing/fake-mesh.ts";
import { openTestTui } from "./testing/open-test-tui.ts";

const MINUTE_MS = 60_000;

function meshWithSessions(): FakeMesh {
  const mesh = new FakeMesh();
  const ago = (minutes: number) => BigInt(Date.now() - minutes * MINUTE_MS - 500);
  mesh.addSession({ id: "old", title: "explain the build", updatedAtUnixMs: ago(60) });
  mesh.addSession({
    id: "new",
    title: "fix flaky login test",
    state: SessionState.RUNNING,
    updatedAtUnixMs: ago(2),
  });
  mesh.addSession({
    id: "here",
    title: "tidy up",
    agentId: "gemini",
    node: idBytes("laptop"),
    updatedAtUnixMs: ago(5),
  });
  return mesh;
}

it("shows this node, the mesh and how the other nodes are reached", async () => {
  await using tui = openTestTui();
  const screen = await tui.terminal.until("server ● via relay 12 ms");
  expect(screen).toContain("ClawMatrix  laptop ● 3 nodes");
  expect(screen).toContain("relay ● direct 3.0 ms");
});

it("lists the sessions of all nodes, newest first, with agent, node, state and age", async () => {
  await using tui = openTestTui({ mesh: meshWithSessions() });
  const screen = await tui.terminal.until(
    (text) => text.includes("explain the build") && text.includes("tidy up"),
  );
  const titles = ["fix flaky login test", "tidy up", "explain the build"].map((title) =>
    screen.indexOf(title),
  );
  expect(titles).toEqual([...titles].sort((a, b) => a - b));
  expect(screen).toMatch(/demo@server +running +2m/);
  expect(screen).toMatch(/gemini@laptop +idle +5m/);
  expect(screen).toMatch(/demo@server +idle +1h/);
});

it("filters as you type, and shows all again at esc", async () => {
  await using tui = openTestTui({ mesh: meshWithSessions() });
  await tui.terminal.until("tidy up");
  tui.terminal.send("/");
  tui.terminal.send("gem");
  await tui.terminal.until((text) => text.includes("tidy up") && !text.includes("fix flaky"));
  tui.terminal.send("\u001b");
  await tui.terminal.until("fix flaky");
});

it("notices when a session begins to wait for a person", async () => {
  const mesh = meshWithSessions();
  await using tui = openTestTui({ mesh });
  await tui.terminal.until("explain the build");
  mesh.sessions.get("old")?.change({ state: SessionState.PERMISSION });
  await tui.terminal.until((text) => text.includes("? waits") && text.includes("1 Sessions •1"));
});

it("opens a new session with an agent of the mesh, saying what it waits for", async () => {
  const mesh = new FakeMesh();
  const ready = Promise.withResolvers<void>();
  mesh.starting = ready.promise;
  await using tui = openTestTui({ mesh });
  await tui.terminal.until("No sessions yet.");
  tui.terminal.send("n");
  await tui.terminal.until("▶ demo@server");
  tui.terminal.send("/srv/app\r");
  await tui.terminal.until("starting demo…");
  ready.resolve();
  await tui.terminal.until(/demo@server {2}\/srv\/app/);
  expect(mesh.opened).toMatchObject([{ agentId: "demo", cwd: "/srv/app" }]);
});

it("says why a session could not be opened, and what to do", async () => {
  const mesh = new FakeMesh();
  mesh.setNode("server", { agents: [{ id: "broken" }] });
  await using tui = openTestTui({ mesh });
  await tui.terminal.until("No sessions yet.");
  tui.terminal.send("n");
  await tui.terminal.until("▶ broken@server");
  tui.terminal.send("\r");
  await tui.terminal.until(
    (text) => text.includes("broken ended at once with code 127") && text.includes("Is it installed there?"),
  );
});

it("closes a session only after asking", async () => {
  const mesh = meshWithSessions();
  await using tui = openTestTui({ mesh });
  await tui.terminal.until("▶ fix flaky login test");
  tui.terminal.send("x");
  await tui.terminal.until("Close the session?");
  tui.terminal.send("\u001b");
  await tui.terminal.until("▶ fix flaky login test");
  expect(mesh.closed).toEqual([]);
  tui.terminal.send("x");
  await tui.terminal.until("Its running turn is stopped.");
  tui.terminal.send("\r");
  await tui.terminal.until(/demo@server +closed/);
  expect(mesh.closed).toEqual(["new"]);
});

it("shows how each node is reached, and drops and comebacks as they happen", async () => {
  const mesh = new FakeMesh();
  await using tui = openTestTui({ mesh });
  await tui.terminal.until("server ● via relay");
  tui.terminal.send("2");
  const screen = await tui.terminal.until("◍ server");
  expect(screen).toMatch(/◆ laptop +this node/);
  expect(screen).toMatch(/● relay +direct +1 +3\.0 ms/);
  expect(screen).toMatch(/◍ server +relayed +relay +2 +12 ms +demo/);
  mesh.setNode("server", { reach: NodeReach.UNREACHABLE, why: "no node has a link with it" });
  await tui.terminal.until(/server went away: no node has a link with it/);
  await tui.terminal.until(/○ server +unreachable/);
  tui.terminal.send("jj");
  await tui.terminal.until(/why +no node has a link with it/);
  mesh.setNode("server", { reach: NodeReach.DIRECT, why: "", rttMs: 20 });
  await tui.terminal.until("server is back, directly");
});

it("says that the local node is not running, and connects once it is", async () => {
  const mesh = new FakeMesh();
  const hint = "Start it with `clawmatrix up`.";
  mesh.refuses = new StatusError(StatusCode.UNAVAILABLE, "the local node is not running", { hint });
  await using tui = openTestTui({ mesh });
  const screen = await tui.terminal.until("the local node is not running");
  expect(screen).toContain(hint);
  expect(screen).toContain("trying again in");
  mesh.refuses = undefined;
  await tui.terminal.until("● 3 nodes");
});

it("says that the local node went away, and comes back to the same session", async () => {
  const mesh = meshWithSessions();
  mesh.sessions.get("new")?.say("before the break");
  await using tui = openTestTui({ mesh });
  await tui.terminal.until("▶ fix flaky login test");
  tui.terminal.send("\r");
  await tui.terminal.until("● before the break");
  mesh.refuses = new StatusError(StatusCode.UNAVAILABLE, "the local node is not running");
  mesh.breakLinks();
  await tui.terminal.until("the local node went away");
  mesh.sessions.get("new")?.say(", and after it");
  mesh.refuses = undefined;
  await tui.terminal.until("● before the break, and after it");
});

it("lists every key, from the table of commands", async () => {
  await using tui = openTestTui({ rows: 40 });
  await tui.terminal.until("No sessions yet.");
  tui.terminal.send("?");
  await tui.terminal.until(
    (text) => text.includes("New session with an agent of the mesh") && text.includes("Filter as you type"),
  );
  tui.terminal.send("\u001b");
  await tui.terminal.until("No sessions yet.");
});

it("shows what another program keeps of a session, and what its agent tells of it once it was taken up", async () => {
  const mesh = new FakeMesh();
  const stored = mesh.addSession({
    id: "kept",
    title: "water the plants",
    agentId: "",
    source: SessionSource.OPENCLAW,
    state: SessionState.CLOSED,
  });
  stored.update({ sessionUpdate: "user_message_chunk", content: { type: "text", text: "are they dry?" } });
  stored.say("as kept");
  stored.emit({ case: "ended", value: { reason: "stored", message: "kept by another program" } });
  mesh.onTakenUp = (session) => session.say("as told");
  mesh.onPrompt = (session) => {
    session.say("watered");
    session.endTurn();
  };
  await using tui = openTestTui({ mesh });
  await tui.terminal.until(/openclaw@server +closed/);
  tui.terminal.send("\r");
  await tui.terminal.until((text) => text.includes("are they dry?") && text.includes("as kept"));
  tui.terminal.send("water them\r");
  const screen = await tui.terminal.until((text) => text.includes("as told") && text.includes("watered"));
  expect(screen).not.toContain("as kept");
  expect(stored.watchedSince).toEqual([0, 0]);
});
