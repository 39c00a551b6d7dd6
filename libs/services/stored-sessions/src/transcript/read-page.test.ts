import { appendFileSync, openSync, statSync, writeSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StoredEvent, StoredSessions } from "../index.ts";
import { FixtureHome } from "../testing/fixture-home.ts";
import {
  CLAUDE_PROJECT,
  claude,
  codex,
  codexFile,
  OPENCLAW_SESSIONS,
  openClaw,
  uuid,
} from "../testing/transcript-lines.ts";

const CLAUDE_FILE = `${CLAUDE_PROJECT}/${uuid(1)}.jsonl`;

async function onlySession(stored: StoredSessions): Promise<string> {
  const { sessions } = await stored.page({ limit: 10 });
  expect(sessions).toHaveLength(1);
  return sessions[0]!.id;
}

/** The whole transcript, in pages of so many events. */
async function readWhole(stored: StoredSessions, limit = 200): Promise<StoredEvent[]> {
  const id = await onlySession(stored);
  const events: StoredEvent[] = [];
  let cursor = "";
  do {
    const page = await stored.read(id, { cursor, limit });
    expect(page.events.length).toBeLessThanOrEqual(limit);
    events.push(...page.events);
    cursor = page.nextCursor;
  } while (cursor !== "");
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
  return events;
}

const updatesOf = (events: readonly StoredEvent[]) =>
  events.map(({ updateJson }) => JSON.parse(Buffer.from(updateJson).toString()) as Record<string, never>);
const textsOf = (events: readonly StoredEvent[]) =>
  updatesOf(events).map(({ content }) => (content as { text?: string } | undefined)?.text);
const text = (value: string) => ({ type: "text", text: value });

describe("a transcript as updates of ACP", () => {
  it("of Claude Code has words, thoughts, tools with their results and changes, images and plans", async () => {
    const home = new FixtureHome();
    const todos = [{ content: "reproduce", status: "in_progress", activeForm: "Reproducing" }];
    const edit = { file_path: "/p/a.py", old_string: "a", new_string: "b" };
    home.lines(CLAUDE_FILE, [
      claude.user("<command-name>/model</command-name><command-args>opus</command-args>"),
      claude.user("<local-command-stdout>Set model</local-command-stdout>"),
      claude.user([
        text("fix it"),
        { type: "image", source: { type: "base64", media_type: "image/png", data: "aGk=" } },
      ]),
      claude.agent([{ type: "thinking", thinking: "Hm.", signature: "x" }]),
      claude.agent([text("I'll run it.")]),
      claude.agent([
        { type: "tool_use", id: "t1", name: "Bash", input: { command: "pytest -x", description: "Run" } },
      ]),
      claude.user([{ type: "tool_result", tool_use_id: "t1", content: "1 failed", is_error: true }]),
      claude.agent([{ type: "tool_use", id: "t2", name: "Edit", input: edit }]),
      claude.user([{ type: "tool_result", tool_use_id: "t2", content: [text("done")] }]),
      claude.agent([{ type: "tool_use", id: "t3", name: "TodoWrite", input: { todos } }]),
      claude.agent([text("a sub-agent's words")], { isSidechain: true }),
      { type: "system", subtype: "turn_duration", timestamp: "2026-11-20T10:00:06.000Z" },
      { type: "of a newer version", message: 7 },
    ]);
    const events = await readWhole(home.sessions());
    expect(updatesOf(events)).toEqual([
      { sessionUpdate: "user_message_chunk", content: text("/model opus") },
      { sessionUpdate: "user_message_chunk", content: text("fix it") },
      {
        sessionUpdate: "user_message_chunk",
        content: { type: "image", data: "aGk=", mimeType: "image/png" },
      },
      { sessionUpdate: "agent_thought_chunk", content: text("Hm.") },
      { sessionUpdate: "agent_message_chunk", content: text("I'll run it.") },
      {
        sessionUpdate: "tool_call",
        toolCallId: "t1",
        title: "Bash pytest -x",
        kind: "execute",
        status: "pending",
        rawInput: { command: "pytest -x", description: "Run" },
      },
      {
        sessionUpdate: "tool_call_update",
        toolCallId: "t1",
        status: "failed",
        content: [{ type: "content", content: text("1 failed") }],
      },
      {
        sessionUpdate: "tool_call",
        toolCallId: "t2",
        title: "Edit /p/a.py",
        kind: "edit",
        status: "pending",
        rawInput: edit,
        content: [{ type: "diff", path: "/p/a.py", oldText: "a", newText: "b" }],
      },
      {
        sessionUpdate: "tool_call_update",
        toolCallId: "t2",
        status: "completed",
        content: [{ type: "content", content: text("done") }],
      },
      expect.objectContaining({ sessionUpdate: "tool_call", toolCallId: "t3", kind: "think" }),
      {
        sessionUpdate: "plan",
        entries: [{ content: "reproduce", priority: "medium", status: "in_progress" }],
      },
    ]);
    expect(events[3]?.at).toBe(Date.parse("2026-11-20T10:00:05Z"));
  });

  it("of Codex says nothing twice that it holds as item and as event", async () => {
    const home = new FixtureHome();
    const plan = JSON.stringify({ plan: [{ step: "look", status: "completed" }] });
    const shell = JSON.stringify({ command: ["bash", "-lc", "rg -n foo"], workdir: "/p" });
    home.lines(codexFile(uuid(1)), [
      codex.meta(uuid(1)),
      codex.said("user", "# AGENTS.md instructions for /p\n\nBe nice."),
      codex.said("user", "find foo"),
      codex.event({ type: "user_message", message: "find foo", images: [] }),
      codex.event({ type: "agent_reasoning", text: "Searching" }),
      codex.item({
        type: "reasoning",
        summary: [{ type: "summary_text", text: "Searching" }],
        encrypted_content: "gAAA",
      }),
      codex.item({ type: "function_call", name: "shell", arguments: shell, call_id: "c1" }),
      codex.item({ type: "function_call_output", call_id: "c1", output: "Exit code: 1\nOutput:\nnone" }),
      codex.item({
        type: "function_call_output",
        call_id: "c0",
        output: "Chunk ID: 094e21\nProcess exited with code 0\nOutput:\nProcess exited with code 1\n",
      }),
      codex.item({ type: "function_call", name: "update_plan", arguments: plan, call_id: "c2" }),
      codex.item({ type: "custom_tool_call", name: "apply_patch", input: "*** Begin Patch", call_id: "c3" }),
      codex.item({
        type: "custom_tool_call_output",
        call_id: "c3",
        output: '{"output":"ok","metadata":{"exit_code":0}}',
      }),
      codex.event({ type: "agent_message", message: "There is none." }),
      codex.said("assistant", "There is none."),
      { timestamp: "2026-11-20T10:00:09.000Z", type: "turn_context", payload: { cwd: "/p", model: "gpt-5" } },
    ]);
    const updates = updatesOf(await readWhole(home.sessions()));
    expect(updates).toMatchObject([
      { sessionUpdate: "user_message_chunk", content: text("find foo") },
      { sessionUpdate: "agent_thought_chunk", content: text("Searching") },
      { sessionUpdate: "tool_call", toolCallId: "c1", title: "shell rg -n foo", kind: "execute" },
      { sessionUpdate: "tool_call_update", toolCallId: "c1", status: "failed" },
      { sessionUpdate: "tool_call_update", toolCallId: "c0", status: "completed" },
      { sessionUpdate: "tool_call", toolCallId: "c2", kind: "think" },
      { sessionUpdate: "plan", entries: [{ content: "look", status: "completed" }] },
      { sessionUpdate: "tool_call", toolCallId: "c3", kind: "edit" },
      {
        sessionUpdate: "tool_call_update",
        toolCallId: "c3",
        status: "completed",
        content: [{ content: text("ok") }],
      },
      { sessionUpdate: "agent_message_chunk", content: text("There is none.") },
    ]);
  });

  it("of Codex is whole where it holds only one of the two", async () => {
    const onlyEvents = new FixtureHome();
    onlyEvents.lines(codexFile(uuid(1)), [
      codex.meta(uuid(1)),
      codex.event({ type: "user_message", message: "hello" }),
      codex.event({ type: "agent_reasoning", text: "Hm" }),
      codex.event({ type: "agent_message", message: "hi" }),
    ]);
    expect(textsOf(await readWhole(onlyEvents.sessions()))).toEqual(["hello", "Hm", "hi"]);
    const early = new FixtureHome();
    early.lines(codexFile(uuid(1)), [
      { id: uuid(1), timestamp: "2025-07-01T10:00:00Z", instructions: null },
      { record_type: "state" },
      {
        type: "message",
        role: "user",
        content: [
          {
            type: "input_text",
            text: "<environment_context>Current working directory: /p\n</environment_context>",
          },
        ],
      },
      { type: "message", role: "user", content: [{ type: "input_text", text: "hello" }] },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "hi" }] },
    ]);
    const stored = early.sessions();
    expect(textsOf(await readWhole(stored))).toEqual(["hello", "hi"]);
    expect((await stored.page({ limit: 1 })).sessions[0]?.cwd).toBe("/p");
  });

  it("of OpenClaw has words, thoughts, tools and images", async () => {
    const home = new FixtureHome();
    home.lines(`${OPENCLAW_SESSIONS}/${uuid(1)}.jsonl`, [
      openClaw.header(uuid(1)),
      { type: "model_change", id: "1", modelId: "x" },
      openClaw.message({ role: "user", content: "look at it" }),
      openClaw.message({
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Hm." },
          text("Reading."),
          { type: "toolCall", id: "t1", name: "read", arguments: { path: "/p/a" } },
        ],
      }),
      openClaw.message({
        role: "toolResult",
        toolCallId: "t1",
        toolName: "read",
        isError: false,
        content: [text("a")],
      }),
    ]);
    expect(updatesOf(await readWhole(home.sessions()))).toMatchObject([
      { sessionUpdate: "user_message_chunk", content: text("look at it") },
      { sessionUpdate: "agent_thought_chunk", content: text("Hm.") },
      { sessionUpdate: "agent_message_chunk", content: text("Reading.") },
      { sessionUpdate: "tool_call", toolCallId: "t1", title: "read /p/a", kind: "read" },
      { sessionUpdate: "tool_call_update", toolCallId: "t1", status: "completed" },
    ]);
  });
});

describe("a transcript by page", () => {
  it("is the same whatever the size of the pages, with no character split and nothing lost", async () => {
    const word = fc.string({
      unit: fc.constantFrom("a", "ü", "漢", "👩‍💻", "\n", '"'),
      minLength: 1,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(word, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 7 }),
        async (messages, limit) => {
          const home = new FixtureHome();
          home.lines(CLAUDE_FILE, [
            claude.user("x"),
            ...messages.map((words) => claude.agent(words.map(text))),
          ]);
          expect(textsOf(await readWhole(home.sessions(), limit))).toEqual(["x", ...messages.flat()]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("has what lies beyond 512 KiB, and multi-byte characters at every cut between chunks", async () => {
    const home = new FixtureHome();
    const said = Array.from({ length: 400 }, (_, at) => `${at} ${"漢ü👩‍💻".repeat(200 + (at % 7))}`);
    home.lines(CLAUDE_FILE, [claude.user("x"), ...said.map((words) => claude.agent([text(words)]))]);
    expect(statSync(`${home.path}/${CLAUDE_FILE}`).size).toBeGreaterThan(1024 * 1024);
    expect(textsOf(await readWhole(home.sessions()))).toEqual(["x", ...said]);
  });

  it("of 200 MB is read without holding it", async () => {
    const home = new FixtureHome();
    const path = home.lines(CLAUDE_FILE, [claude.user("begin")]);
    // Holes cost no disk: a line of zeros is no JSON, and one of 200 MB is not kept.
    const file = openSync(path, "r+");
    const size = statSync(path).size;
    writeSync(file, "\n", size + 200_000_000);
    appendFileSync(path, `${JSON.stringify(claude.agent([text("end")]))}\n`);
    const before = process.memoryUsage().arrayBuffers;
    const texts = textsOf(await readWhole(home.sessions()));
    expect(texts).toEqual(["begin", "[a line of 191 MiB is not shown; 8 MiB are the most]", "end"]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
  });

  it("comes soon also where most of the file shows nothing", async () => {
    const home = new FixtureHome();
    const noise = { type: "progress", data: "x".repeat(1_000_000) };
    home.lines(CLAUDE_FILE, [
      claude.user("begin"),
      ...Array.from({ length: 40 }, () => noise),
      claude.agent([text("end")]),
    ]);
    const stored = home.sessions();
    const first = await stored.read(await onlySession(stored), { cursor: "", limit: 10 });
    expect(textsOf(first.events)).toEqual(["begin"]);
    expect(first.nextCursor).not.toBe("");
    expect(textsOf(await readWhole(stored))).toEqual(["begin", "end"]);
  });

  it("says how much of a very long text is not shown", async () => {
    const home = new FixtureHome();
    home.lines(CLAUDE_FILE, [claude.user("x"), claude.agent([text(`a${"👩".repeat(100_000)}`)])]);
    const [, long = ""] = textsOf(await readWhole(home.sessions()));
    expect(long).toMatch(/👩\n\[68930 more characters are not shown\]$/u);
    expect(long.isWellFormed()).toBe(true);
  });

  it("grows while it is read: what was there is shown once, what comes later by another reading", async () => {
    const home = new FixtureHome();
    const path = home.lines(CLAUDE_FILE, [claude.user("one"), claude.agent([text("two")])]);
    const stored = home.sessions();
    const id = await onlySession(stored);
    const first = await stored.read(id, { cursor: "", limit: 1 });
    appendFileSync(path, `${JSON.stringify(claude.agent([text("three")]))}\n`);
    const second = await stored.read(id, { cursor: first.nextCursor, limit: 10 });
    expect(textsOf([...first.events, ...second.events])).toEqual(["one", "two", "three"]);
  });

  it("is refused with a cursor that was never given for it", async () => {
    const home = new FixtureHome();
    home.lines(CLAUDE_FILE, [claude.user("one")]);
    const stored = home.sessions();
    const id = await onlySession(stored);
    for (const cursor of ["x", "5.0.0", "-1.0.0", "99999999.0.0", "0.0", "0.0.0.0", "../x"]) {
      await expect(stored.read(id, { cursor, limit: 10 })).rejects.toMatchObject({ reason: "bad-cursor" });
    }
  });
});
