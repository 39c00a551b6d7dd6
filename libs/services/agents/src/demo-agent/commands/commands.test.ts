import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DemoProcess } from "../testing/demo-process.ts";
import { isAlive } from "../testing/is-alive.ts";

let demo: DemoProcess;
let base: string;
let directory: string;
let session: string;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "demo-commands-"));
  demo = await DemoProcess.start();
});

afterAll(async () => {
  expect(await demo.stop()).toBe(0);
  expect(demo.stderr).toBe("");
  await rm(base, { recursive: true });
});

beforeEach(async () => {
  directory = await mkdtemp(join(base, "session-"));
  session = await demo.newSession(directory);
  demo.permissionAnswer = "allow_once";
  demo.permissions.length = 0;
});

describe("what is not a command", () => {
  it("is repeated, after the agent has said once that it has no model", async () => {
    expect(await demo.prompt(session, "good morning")).toMatchObject({ stopReason: "end_turn" });
    const first = demo.answer(session);
    expect(first.split("\n")[0]).toMatch(/without a model/);
    expect(first).toContain("you said: good morning");
    await demo.prompt(session, "again");
    expect(demo.answer(session).slice(first.length)).toBe("you said: again\n");
  });

  it("is described where it is not text", async () => {
    await demo.prompt(session, [
      { type: "image", mimeType: "image/png", data: Buffer.alloc(12_000).toString("base64") },
      { type: "resource", resource: { uri: "file:///a.txt", mimeType: "text/plain", text: "grün" } },
      { type: "resource_link", uri: "https://example.com/x", name: "x" },
    ]);
    expect(demo.answer(session)).toContain("received 1 image/png, 12 kB\n");
    expect(demo.answer(session)).toContain("received the resource file:///a.txt, text/plain, 5 B\n");
    expect(demo.answer(session)).toContain("received a link to x (https://example.com/x)\n");
  });

  it("reports usage with the answer and as an update", async () => {
    const { usage } = (await demo.prompt(session, "12345")) as { usage?: unknown };
    expect(usage).toMatchObject({ inputTokens: 5 });
    expect(demo.updates(session).at(-1)).toMatchObject({ sessionUpdate: "usage_update" });
  });
});

describe("help", () => {
  it("names every command that is announced, with or without a slash", async () => {
    await demo.until(() =>
      demo.updates(session).some((u) => u.sessionUpdate === "available_commands_update"),
    );
    await demo.prompt(session, "/help");
    for (const update of demo.updates(session)) {
      if (update.sessionUpdate !== "available_commands_update") continue;
      expect(update.availableCommands.map(({ name }) => name)).toEqual(
        "help ls cat find run edit plan think ask slow mode option crash".split(" "),
      );
      for (const { name } of update.availableCommands)
        expect(demo.answer(session)).toContain(`\n    ${name} `);
    }
  });
});

describe("ls", () => {
  it("lists at most 200 entries and says how many there are", async () => {
    await Promise.all(Array.from({ length: 203 }, (_, n) => writeFile(join(directory, `f${n}`), "")));
    await demo.prompt(session, "ls");
    expect(demo.toolCalls(session).at(0)).toMatchObject({ kind: "read", status: "pending" });
    expect(demo.toolCalls(session).at(1)).toMatchObject({ status: "in_progress" });
    expect(demo.toolCalls(session).at(2)).toMatchObject({
      status: "completed",
      rawOutput: { entries: 200, truncated: true },
    });
    expect(JSON.stringify(demo.toolCalls(session).at(2))).toContain("and 3 entries that are not shown");
  });
});

describe("cat", () => {
  it("shows a file", async () => {
    await writeFile(join(directory, "a file.txt"), "inside");
    await demo.prompt(session, "cat a file.txt");
    expect(demo.toolCalls(session).at(-1)).toMatchObject({
      status: "completed",
      locations: [{ path: join(directory, "a file.txt") }],
      content: [{ type: "content", content: { type: "text", text: "inside" } }],
    });
  });

  it("cuts a long file without splitting a character", async () => {
    await writeFile(join(directory, "long"), `x${"é".repeat(40_000)}`);
    await demo.prompt(session, "cat long");
    const end = demo.toolCalls(session).at(-1);
    expect(end).toMatchObject({ rawOutput: { bytes: 65_535, size: 80_001, truncated: true } });
    expect(JSON.stringify(end)).not.toContain("\uFFFD");
    expect(JSON.stringify(end)).toContain("truncated: 14466 of 80001 bytes");
  });

  it.each([
    ["../secret", "is outside of the session's directory"],
    ["/etc/passwd", "is outside of the session's directory"],
    ["link", "is outside of the session's directory"],
    ["missing", "There is no file missing"],
  ])("fails as a tool call for %s, and the turn goes on to its end", async (path, reason) => {
    await writeFile(join(base, "secret"), "secret");
    await symlink(join(base, "secret"), join(directory, "link"));
    expect(await demo.prompt(session, `cat ${path}`)).toMatchObject({ stopReason: "end_turn" });
    expect(demo.toolCalls(session).at(-1)).toMatchObject({
      status: "failed",
      rawOutput: { error: expect.stringContaining(reason) },
    });
  });
});

describe("find", () => {
  it("finds lines with their places, and leaves out .git, node_modules and binary files", async () => {
    for (const folder of ["src", ".git", "node_modules"]) await mkdir(join(directory, folder));
    for (const folder of ["src", ".git", "node_modules"])
      await writeFile(join(directory, folder, "a"), "one\nneedle");
    await writeFile(join(directory, "binary"), "needle\0");
    await demo.prompt(session, "find needle");
    expect(demo.toolCalls(session).at(0)).toMatchObject({ kind: "search" });
    expect(demo.toolCalls(session).at(-1)).toMatchObject({
      status: "completed",
      locations: [{ path: join(directory, "src", "a"), line: 2 }],
    });
  });
});

describe("run", () => {
  it("asks, streams the output while it runs, and ends with the exit code", async () => {
    const done = demo.prompt(
      session,
      "run echo first; while [ ! -e go ]; do sleep 0.01; done; echo last >&2; exit 3",
    );
    await demo.until(() => JSON.stringify(demo.toolCalls(session)).includes('"text":"first\\n"'));
    await writeFile(join(directory, "go"), "");
    await done;
    expect(demo.permissions[0]?.options.map(({ optionId, kind }) => [optionId, kind])).toEqual(
      ["allow_once", "allow_always", "reject_once", "reject_always"].map((id) => [id, id]),
    );
    expect(demo.toolCalls(session).map(({ status }) => status)).toEqual(
      expect.arrayContaining(["pending", "in_progress", "failed"]),
    );
    expect(demo.toolCalls(session).at(-1)).toMatchObject({
      status: "failed",
      rawOutput: { exitCode: 3 },
      content: [{ content: { text: "first\nlast\n" } }],
    });
  });

  it("keeps the end of a long output", async () => {
    await demo.prompt(session, "run yes 0123456 | head -c 400000; echo END");
    const end = demo.toolCalls(session).at(-1);
    expect(end).toMatchObject({
      status: "completed",
      rawOutput: { exitCode: 0, outputBytes: 400_004, truncated: true },
    });
    expect(JSON.stringify(end)).toContain("END\\n");
    expect(JSON.stringify(end).length).toBeLessThan(400_000);
  });

  it("does not run when it is rejected", async () => {
    demo.permissionAnswer = "reject_once";
    await demo.prompt(session, "run touch ran");
    expect(demo.toolCalls(session).at(-1)).toMatchObject({ status: "failed" });
    expect(existsSync(join(directory, "ran"))).toBe(false);
  });

  it("takes an answer that it did not offer as a refusal", async () => {
    demo.permissionAnswer = "whatever";
    await demo.prompt(session, "run touch ran");
    expect(existsSync(join(directory, "ran"))).toBe(false);
  });

  it.each([
    ["allow_always", "completed"],
    ["reject_always", "failed"],
  ])("remembers %s within the session, and in no other", async (answer, status) => {
    demo.permissionAnswer = answer;
    await demo.prompt(session, "run true");
    demo.permissionAnswer = "reject_once";
    await demo.prompt(session, "run true");
    expect(demo.permissions).toHaveLength(1);
    expect(demo.toolCalls(session).at(-1)).toMatchObject({ status });
    await demo.prompt(await demo.newSession(directory), "run true");
    expect(demo.permissions).toHaveLength(2);
  });

  it("is killed with all that it started when the turn is cancelled", async () => {
    const done = demo.prompt(session, "run sh -c 'echo $$; trap \"\" TERM; sleep 60' & wait");
    await demo.until(() => /"text":"\d+\\n"/.test(JSON.stringify(demo.toolCalls(session))));
    const pid = Number(/"text":"(\d+)\\n"/.exec(JSON.stringify(demo.toolCalls(session)))?.[1]);
    await demo.cancel(session);
    expect(await done).toMatchObject({ stopReason: "cancelled" });
    expect(demo.toolCalls(session).at(-1)).toMatchObject({ status: "failed" });
    // Its output is closed before the system is done with it.
    await expect.poll(() => isAlive(pid), { timeout: 5_000, interval: 5 }).toBe(false);
  });

  it("takes no permission question with it when the turn is cancelled", async () => {
    demo.permissionAnswer = undefined;
    const done = demo.prompt(session, "run touch ran");
    await demo.until(() => demo.permissions.length === 1);
    await demo.cancel(session);
    expect(await done).toMatchObject({ stopReason: "cancelled" });
    expect(existsSync(join(directory, "ran"))).toBe(false);
  });
});

describe("edit", () => {
  it("shows the diff, asks, and only then writes", async () => {
    const path = join(directory, "notes.txt");
    await writeFile(path, "one\nred car\n");
    demo.permissionAnswer = "reject_once";
    await demo.prompt(session, "edit notes.txt red => dark green");
    expect(await readFile(path, "utf8")).toBe("one\nred car\n");
    demo.permissionAnswer = "allow_once";
    await demo.prompt(session, "edit notes.txt red => dark green");
    expect(await readFile(path, "utf8")).toBe("one\ndark green car\n");
    expect(demo.permissions[1]?.toolCall).toMatchObject({
      kind: "edit",
      locations: [{ path, line: 2 }],
      content: [{ type: "diff", path, oldText: "one\nred car\n", newText: "one\ndark green car\n" }],
    });
    expect(demo.toolCalls(session).at(-1)).toMatchObject({
      status: "completed",
      content: [{ type: "diff" }],
    });
  });

  it("makes a new file where no old text is given", async () => {
    await demo.prompt(session, 'edit "new file.txt" => hello');
    expect(await readFile(join(directory, "new file.txt"), "utf8")).toBe("hello\n");
    expect(demo.permissions[0]?.toolCall.content).toMatchObject([{ oldText: null }]);
  });

  it.each([
    ["edit f gone => x", "does not contain"],
    ["edit f a => x", "2 times"],
    ["edit ../f a => x", "outside"],
    ["edit dangling => x", "leads nowhere"],
  ])("refuses %s without asking", async (prompt, reason) => {
    await writeFile(join(directory, "f"), "a a");
    await symlink(join(base, "nowhere"), join(directory, "dangling"));
    await demo.prompt(session, prompt);
    expect(demo.permissions).toHaveLength(0);
    expect(demo.toolCalls(session).at(-1)).toMatchObject({
      status: "failed",
      rawOutput: { error: expect.stringContaining(reason) },
    });
  });

  it("writes nothing over a file that changed while the person was asked", async () => {
    await writeFile(join(directory, "f"), "a");
    demo.permissionAnswer = undefined;
    const done = demo.prompt(session, "edit f a => b");
    await demo.until(() => demo.permissions.length === 1);
    await writeFile(join(directory, "f"), "a, and more");
    demo.answerPermission("allow_once");
    await done;
    expect(await readFile(join(directory, "f"), "utf8")).toBe("a, and more");
    expect(demo.answer(session)).toContain("changed while you were asked");
  });
});

describe("plan, think, slow", () => {
  it("a plan progresses until all is completed", async () => {
    await demo.prompt(session, "option pace instant");
    await demo.prompt(session, "plan");
    const plans = demo.updates(session).filter((update) => update.sessionUpdate === "plan");
    expect(plans.at(0)?.entries.map(({ status }) => status)).toEqual([
      "in_progress",
      "pending",
      "pending",
      "pending",
    ]);
    expect(plans.at(-1)?.entries.every(({ status }) => status === "completed")).toBe(true);
  });

  it("a thought comes apart from the answer", async () => {
    await demo.prompt(session, "option pace instant");
    await demo.prompt(session, "think");
    expect(demo.updates(session).some((update) => update.sessionUpdate === "agent_thought_chunk")).toBe(true);
  });

  it("slow answers in as many pieces as wanted", async () => {
    await demo.prompt(session, "option pace instant");
    const before = demo.answer(session).length;
    await demo.prompt(session, "slow 1000");
    const numbers = demo.answer(session).slice(before).trim().split(" ");
    expect(numbers).toEqual(Array.from({ length: 1000 }, (_, n) => String(n + 1)));
  });

  it("cancel stops it at once, and the session takes the next prompt", async () => {
    const done = demo.prompt(session, "slow 100000");
    await demo.until(() => demo.answer(session).includes("2 "));
    await demo.cancel(session);
    expect(await done).toMatchObject({ stopReason: "cancelled" });
    expect(await demo.prompt(session, "next")).toMatchObject({ stopReason: "end_turn" });
  });
});

describe("ask", () => {
  it("takes the next prompt as the answer where the client has no forms", async () => {
    await demo.prompt(session, "ask Which colour?");
    await demo.prompt(session, "help yourself: red");
    expect(demo.answer(session)).toContain("To “Which colour?” you answered: help yourself: red");
    await demo.prompt(session, "red");
    expect(demo.answer(session)).toContain("you said: red");
  });
});

describe("mode", () => {
  it("switches by command, and decides whether permission is asked for", async () => {
    await demo.prompt(session, "mode read-only");
    expect(demo.updates(session)).toContainEqual({
      sessionUpdate: "current_mode_update",
      currentModeId: "read-only",
    });
    await demo.prompt(session, "run touch ran");
    expect(existsSync(join(directory, "ran"))).toBe(false);
    await demo.prompt(session, "mode allow");
    await demo.prompt(session, "run touch ran");
    expect(existsSync(join(directory, "ran"))).toBe(true);
    expect(demo.permissions).toHaveLength(0);
    await demo.prompt(session, "mode");
    expect(demo.answer(session)).toContain("* allow:");
  });
});
