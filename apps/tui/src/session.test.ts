import { nodeIdFromBytes } from "@clawmatrix/identity";
import { NodeReach } from "@clawmatrix/protocol";
import { expect, it } from "vitest";
import { writeJson } from "./state/transcript/acp-json.ts";
import { FakeMesh, idBytes } from "./testing/fake-mesh.ts";
import type { FakeSession } from "./testing/fake-session.ts";
import { type OpenTestTuiOptions, openTestTui, type TestTui } from "./testing/open-test-tui.ts";

const ALLOW_OR_NOT = [
  { optionId: "yes", kind: "allow_once", name: "Allow once" },
  { optionId: "ever", kind: "allow_always", name: "Always" },
  { optionId: "no", kind: "reject_once", name: "Reject" },
];

interface OpenedSession extends AsyncDisposable {
  readonly tui: TestTui;
  readonly mesh: FakeMesh;
  readonly session: FakeSession;
  readonly terminal: TestTui["terminal"];
}

/** The terminal UI with one session of demo@server opened. */
async function openSession(options: OpenTestTuiOptions = {}): Promise<OpenedSession> {
  const mesh = new FakeMesh();
  const session = mesh.addSession({ id: "s", title: "the session" });
  const tui = openTestTui({ mesh, ...options });
  const { terminal } = tui;
  await terminal.until("▶ the session");
  terminal.send("\r");
  await terminal.until("ctrl-d detach");
  await terminal.until((screen) => !screen.includes("reading the transcript"));
  return { tui, mesh, session, terminal, [Symbol.asyncDispose]: () => tui[Symbol.asyncDispose]() };
}

it("sends a prompt and streams the answer", async () => {
  await using opened = await openSession();
  const { terminal, mesh } = opened;
  mesh.onPrompt = (session) => session.say("You said ");
  terminal.send("hello there");
  terminal.send("\r");
  await terminal.until((screen) => screen.includes("› hello there") && screen.includes("● You said"));
  await terminal.until(/works {2}\d+\.\d s {2}esc stops/);
  opened.session.say("**hello there**.");
  opened.session.endTurn();
  await terminal.until(
    (screen) => screen.includes("● You said hello there.") && !screen.includes("esc stops"),
  );
});

it("submits text and Enter that come in one chunk", async () => {
  await using opened = await openSession();
  opened.mesh.onPrompt = (session, text) => session.say(`got ${text}`);
  opened.terminal.send("in one chunk\r");
  await opened.terminal.until("● got in one chunk");
});

it("keeps a pasted text with line feeds as one prompt", async () => {
  await using opened = await openSession();
  const prompts: string[] = [];
  opened.mesh.onPrompt = (session, text) => {
    prompts.push(text);
    session.say("got it");
  };
  opened.terminal.send("\u001b[200~first\nsecond\u001b[201~");
  await opened.terminal.until(/› first\s.*\n.*second/);
  opened.terminal.send("\r");
  await opened.terminal.until("got it");
  expect(prompts).toEqual(["first\nsecond"]);
});

it("asks a permission inline and answers it by its number", async () => {
  await using opened = await openSession();
  const { terminal, mesh, session } = opened;
  session.startTurn("run ls");
  session.update({
    sessionUpdate: "tool_call",
    toolCallId: "1",
    title: "run ls",
    kind: "execute",
    status: "pending",
  });
  session.ask("p1", { toolCall: { toolCallId: "1", title: "run ls" }, options: ALLOW_OR_NOT });
  await terminal.until(/\? demo wants to run ls +1.allow +2.always +3.reject/);
  terminal.send("2");
  await expect
    .poll(() => mesh.answers)
    .toMatchObject([{ id: "p1", answer: { case: "optionId", value: "ever" } }]);
  session.answered("p1", { outcome: "selected", optionId: "ever" });
  await terminal.until(
    (screen) => screen.includes("permission: run ls — Always") && !screen.includes("1 allow"),
  );
});

it("takes a digit as text when a prompt is being written", async () => {
  await using opened = await openSession();
  const { terminal, mesh, session } = opened;
  terminal.send("take ");
  await terminal.until("› take");
  session.startTurn("run ls");
  session.ask("p1", { toolCall: { title: "run ls" }, options: ALLOW_OR_NOT });
  await terminal.until("wants to run ls");
  terminal.send("2");
  await terminal.until("› take 2");
  expect(mesh.answers).toEqual([]);
});

it("asks a question inline and sends what was typed", async () => {
  await using opened = await openSession();
  const { terminal, mesh, session } = opened;
  session.startTurn("ask");
  const answer = { type: "string", oneOf: ["red", "blue"].map((value) => ({ const: value, title: value })) };
  const requestedSchema = { type: "object", properties: { answer }, required: ["answer"] };
  session.question("q1", { mode: "form", message: "Which colour?", requestedSchema });
  await terminal.until(/Which colour\?[\s\S]*1.red +2.blue/);
  terminal.send("green\r");
  await terminal.until("choose one of red, blue");
  terminal.send("\u0015blue\r");
  await expect.poll(() => mesh.answers.length).toBe(1);
  const [sent] = mesh.answers;
  expect(sent?.id).toBe("q1");
  expect(JSON.parse(new TextDecoder().decode(sent?.answer.value as Uint8Array))).toEqual({
    action: "accept",
    content: { answer: "blue" },
  });
});

it("shows a tool call with its state, duration and folded output, and opens it", async () => {
  await using opened = await openSession();
  const { terminal, session } = opened;
  session.startTurn("test");
  session.update({
    sessionUpdate: "tool_call",
    toolCallId: "1",
    title: "pytest -x",
    kind: "execute",
    status: "in_progress",
  });
  await terminal.until(/◐ execute {2}pytest -x ─+ \d+\.\d s ┐/);
  const text = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`).join("\n");
  const content = [{ type: "content", content: { type: "text", text: `${text}\n3 of 20 failed` } }];
  session.update({ sessionUpdate: "tool_call_update", toolCallId: "1", status: "failed", content });
  const folded = await terminal.until(/└ 3 of 20 failed ─+ 21 lines, o: open ┘/);
  expect(folded).toMatch(/✗ execute {2}pytest -x/);
  expect(folded).not.toContain("line 20");
  terminal.send("\t");
  await terminal.until("▶ ✗ execute");
  terminal.send("o");
  await terminal.until((screen) => screen.includes("│ line 20 ") && screen.includes("o: fold"));
});

it("shows removed and added lines of a diff, in colour", async () => {
  await using opened = await openSession({ env: {} });
  const { terminal, session } = opened;
  session.startTurn("edit");
  const diff = {
    type: "diff",
    path: "/home/me/src/api/a.txt",
    oldText: "one\ntwo\nthree\n",
    newText: "one\n2\nthree\n",
  };
  session.update({
    sessionUpdate: "tool_call",
    toolCallId: "1",
    title: "edit a.txt",
    status: "completed",
    content: [diff],
  });
  await terminal.until((screen) => /2 - two[\s\S]*2 \+ 2/.test(screen) && screen.includes("a.txt +1 -1"));
  expect(terminal.colorOf("- two")).toBe(1);
  expect(terminal.colorOf("+ 2")).toBe(2);
});

it("shows the plan with what is done, and thoughts folded", async () => {
  await using opened = await openSession();
  const { terminal, session } = opened;
  session.startTurn("plan");
  session.update({
    sessionUpdate: "agent_thought_chunk",
    content: { type: "text", text: "first thought\nsecond thought" },
  });
  const entries = (done: string) => [
    { content: "reproduce", status: done },
    { content: "fix", status: "pending" },
  ];
  session.update({ sessionUpdate: "plan", entries: entries("in_progress") });
  await terminal.until("◐ reproduce  ☐ fix");
  session.update({ sessionUpdate: "plan", entries: entries("completed") });
  const screen = await terminal.until("☑ reproduce  ☐ fix");
  expect(screen).not.toContain("◐ reproduce");
  expect(screen).toContain("∴ first thought … o: open");
  expect(screen).not.toContain("second thought");
});

it("shows Markdown: headings, lists, code and tables", async () => {
  await using opened = await openSession();
  opened.session.say(
    "# Title\n\nSome *words* and `code`.\n\n1. one\n2. two\n\n```js\nconst a = 1;\n```\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\nthe last words",
  );
  const screen = await opened.terminal.until("the last words");
  expect(screen).toContain("● Title");
  expect(screen).toContain("Some words and code.");
  expect(screen).toMatch(/1\. one[\s\S]*2\. two/);
  expect(screen).toContain("▏ const a = 1;");
});

it("shows mode and usage in the session's title", async () => {
  await using opened = await openSession();
  const { terminal, session } = opened;
  const modes = { currentModeId: "ask", availableModes: [{ id: "ask", name: "Ask first" }] };
  session.change({ modesJson: new TextEncoder().encode(JSON.stringify(modes)) });
  session.startTurn("x");
  session.update({ sessionUpdate: "usage_update", used: 50, size: 200 });
  session.endTurn("end_turn", { usage: { inputTokens: 12_400, outputTokens: 310 } });
  await terminal.until(/demo@server {2}~\/src\/api {2}mode: Ask first {2}▲12\.4k ▼310 {2}ctx 25%/);
});

it("stops the turn at esc", async () => {
  await using opened = await openSession();
  opened.session.startTurn("slow");
  await opened.terminal.until("esc stops");
  opened.terminal.send("\u001b");
  await expect.poll(() => opened.mesh.cancelled).toEqual(["s"]);
  opened.session.endTurn("cancelled");
  await opened.terminal.until("— stopped");
});

it("says how a turn failed, with the end of the agent's standard error", async () => {
  await using opened = await openSession();
  opened.session.startTurn("crash");
  const value = {
    turnId: "t",
    code: 14,
    reason: "agent-exited",
    message: "demo exited with code 70",
    stderrTail: "demo: crashed\n",
  };
  opened.session.emit({ case: "turnFailed", value });
  await opened.terminal.until(/✗ The turn failed: demo exited with code 70[\s\S]*│ demo: crashed/);
});

it("leaves a session at ctrl-d while its turn goes on, and takes it up again", async () => {
  await using opened = await openSession({ columns: 80, rows: 24 });
  opened.session.startTurn("slow");
  await opened.terminal.until("esc stops");
  opened.terminal.send("\u0004");
  await opened.terminal.until("▶ the session");
  opened.session.say("meanwhile");
  opened.terminal.send("\r");
  await opened.terminal.until("● meanwhile");
  expect(opened.mesh.cancelled).toEqual([]);
});

it("brings earlier prompts back, and what was being written after them", async () => {
  await using opened = await openSession();
  const { terminal } = opened;
  opened.mesh.onPrompt = (session) => session.endTurn();
  terminal.send("first prompt\r");
  await terminal.until(/› first prompt[\s\S]*› +│/);
  terminal.send("unfinished");
  await terminal.until("› unfinished");
  terminal.send("\u001b[A");
  await terminal.until((screen) => screen.split("› first prompt").length === 3);
  terminal.send("\u001b[B");
  await terminal.until("› unfinished");
});

it("follows the end, stays where it was scrolled to, and follows again", async () => {
  await using opened = await openSession({ columns: 80, rows: 24 });
  const { terminal, session } = opened;
  session.startTurn("many");
  for (let at = 1; at <= 100; at++) session.say(`paragraph ${at}\n\n`);
  await terminal.until("paragraph 100");
  terminal.send("\u001b[5~");
  const scrolled = await terminal.until((screen) => !screen.includes("paragraph 100"));
  const first = /paragraph \d+/.exec(scrolled)?.[0] ?? "";
  session.say("one more");
  session.endTurn();
  await terminal.until((screen) => !screen.includes("esc stops"));
  expect(terminal.screen()).toContain(`${first} `);
  expect(terminal.screen()).not.toContain("one more");
  terminal.send("\u001b[6~");
  await terminal.until("one more");
});

it("draws nothing outside of its place, whatever an agent sends", async () => {
  await using opened = await openSession();
  opened.session.say("a\u001b[2J\u001b[Hb\u0007 \u001b]0;title\u0007c \u202Ed\r\nnext");
  const screen = await opened.terminal.until("next");
  expect(screen).toContain("● ab c d");
  expect(screen).toContain("ClawMatrix  laptop");
});

it("asks after a lost connection for what came since the last event, and shows nothing twice", async () => {
  await using opened = await openSession();
  const { terminal, mesh, session } = opened;
  session.startTurn("go on");
  session.say("before the loss. ");
  await terminal.until("before the loss.");
  const seen = session.lastSeq;
  mesh.breakLinks();
  await expect.poll(() => session.watchedSince.length).toBe(2);
  session.say("after the loss.");
  const screen = await terminal.until("after the loss.");
  expect(session.watchedSince).toEqual([0, seen]);
  expect(screen.split("before the loss.").length).toBe(2);
});

it("shows a permission's outcome as the node tells it", async () => {
  await using opened = await openSession();
  const { terminal, session } = opened;
  session.startTurn("run ls");
  session.ask("p1", { toolCall: { toolCallId: "1", title: "run ls" }, options: ALLOW_OR_NOT });
  await terminal.until("wants to run ls");
  session.emit({
    case: "answered",
    value: { id: "p1", how: "person", outcomeJson: writeJson({ outcome: "selected", optionId: "yes" }) },
  });
  await terminal.until("permission: run ls — Allow once");
});

it("says that the node of a running turn is away", async () => {
  await using opened = await openSession();
  const { terminal, mesh, session } = opened;
  session.startTurn("slow");
  await terminal.until("esc stops");
  mesh.setNode("server", { reach: NodeReach.UNREACHABLE });
  await terminal.until("server cannot be reached  the turn goes on there  reconnecting…");
  mesh.setNode("server", { reach: NodeReach.RELAYED });
  await terminal.until("esc stops");
});

it("completes the agent's commands after a slash", async () => {
  await using opened = await openSession();
  const { terminal, session } = opened;
  const availableCommands = ["review", "rename", "test"].map((name) => ({
    name,
    description: `does ${name}`,
  }));
  session.update({ sessionUpdate: "available_commands_update", availableCommands });
  session.change({});
  terminal.send("/");
  await terminal.until(/\/review +does review[\s\S]*\/test +does test/);
  terminal.send("r\t");
  await terminal.until("› /re ");
  terminal.send("v\t");
  await terminal.until("› /review");
});

it("sets the mode and the options of the agent", async () => {
  await using opened = await openSession();
  const { terminal, mesh, session } = opened;
  const modes = {
    currentModeId: "ask",
    availableModes: [
      { id: "ask", name: "Ask" },
      { id: "yolo", name: "Never ask" },
    ],
  };
  const options = [
    {
      id: "pace",
      name: "Pace",
      type: "select",
      currentValue: "slow",
      options: [
        { value: "slow", name: "Slow" },
        { value: "fast", name: "Fast" },
      ],
    },
  ];
  session.change({ modesJson: writeJson(modes), configOptionsJson: writeJson(options) });
  await terminal.until("mode: Ask");
  terminal.send("\u001b[Z");
  await expect.poll(() => mesh.settings).toEqual([{ mode: "yolo" }]);
  terminal.send("\u0013");
  await terminal.until(/Mode\s[\s\S]*● Ask[\s\S]*○ Never ask[\s\S]*Pace[\s\S]*● Slow[\s\S]*○ Fast/);
  terminal.send("\u001b[B\u001b[B\u001b[B\r");
  await expect.poll(() => mesh.settings).toEqual([{ mode: "yolo" }, { pace: "fast" }]);
});

it("keeps a prompt for a session that is still to come, and gives it back when none comes", async () => {
  const mesh = new FakeMesh();
  const starting = Promise.withResolvers<void>();
  mesh.starting = starting.promise;
  const prompts: string[] = [];
  mesh.onPrompt = (session, text) => {
    prompts.push(text);
    session.say("here I am");
  };
  await using tui = openTestTui({
    mesh,
    firstSession: { agent: "demo", node: nodeIdFromBytes(idBytes("server")) },
  });
  await tui.terminal.until("starting demo");
  tui.terminal.send("too early\r");
  await tui.terminal.until("too early");
  starting.resolve();
  await tui.terminal.until("● here I am");
  expect(prompts).toEqual(["too early"]);
});
