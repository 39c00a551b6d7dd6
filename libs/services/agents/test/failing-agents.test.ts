import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import {
  agent,
  bodyOf,
  context,
  kinds,
  open,
  PromptCall,
  scripted,
  serve,
  temporaryDirectory,
  text,
  transcript,
  turn,
} from "./agents-harness.ts";

async function failure(promise: Promise<unknown>): Promise<StatusError> {
  const thrown = await promise.then(
    () => new Error("it did not fail"),
    (error: unknown) => error,
  );
  if (thrown instanceof StatusError) return thrown;
  throw thrown;
}

test("a command that does not exist is named, with what to do", async () => {
  const service = await serve([agent(["claude-agent-acp-that-is-not-there"])]);
  const error = await failure(open(service));
  expect(error).toMatchObject({ code: StatusCode.FAILED_PRECONDITION, reason: "agent-command-not-found" });
  expect(error.message).toContain("claude-agent-acp-that-is-not-there");
  expect(error.hint).not.toBe("");
});

test("a directory of the settings that does not exist is named, and not the command blamed", async () => {
  const here = await temporaryDirectory();
  const service = await serve([scripted("{}", { directories: [join(here, "gone"), here] })]);
  const error = await failure(open(service, { cwd: here }));
  expect(error).toMatchObject({ reason: "directory-not-found", message: expect.stringContaining("gone") });
});

test("a command of the catalogue that is missing says how to install it", async () => {
  const service = await serve([agent(["gemini", "--acp"], { env: { PATH: "/nowhere" } })]);
  expect((await failure(open(service))).hint).toContain("npm install -g @google/gemini-cli");
});

test("a file that may not be executed is named, with what to do", async () => {
  const file = join(await temporaryDirectory(), "agent");
  await writeFile(file, "");
  const service = await serve([agent([file])]);
  expect(await failure(open(service))).toMatchObject({
    reason: "agent-command-not-executable",
    hint: expect.stringContaining("chmod +x"),
  });
});

test("an agent that exits at once fails with its exit code and what it wrote to standard error", async () => {
  const service = await serve([
    agent([process.execPath, "-e", 'console.error("no key: set KEY"); process.exit(7)']),
  ]);
  const error = await failure(open(service));
  expect(error).toMatchObject({ code: StatusCode.UNAVAILABLE, reason: "agent-exited" });
  expect(error.message).toContain("exit code 7");
  expect(error.message).toContain("no key: set KEY");
  expect(service.offers()).toMatchObject([{ id: "coder", sessions: 0, state: 3 }]);
});

test("a start that fails is made once, and fails for all who wait for it", async () => {
  const file = join(await temporaryDirectory(), "starts");
  const script = `require("fs").appendFileSync(${JSON.stringify(file)}, "x"); console.error("broken"); setTimeout(() => process.exit(1), 100)`;
  const service = await serve([agent([process.execPath, "-e", script])]);
  const errors = await Promise.all(Array.from({ length: 8 }, () => failure(open(service))));
  for (const error of errors) expect(error.message).toContain("broken");
  expect(await readFile(file, "utf8")).toBe("x");
});

test("a program that is no ACP agent is ended after a bound of lines, and said to be none", async () => {
  const service = await serve([
    agent([process.execPath, "-e", 'setInterval(() => console.log("Welcome! {not json"), 1)']),
  ]);
  const error = await failure(open(service));
  expect(error.reason).toBe("agent-not-acp");
  expect(error.message).toContain('first "Welcome! {not json"');
});

test("some lines of rubbish between the messages do no harm", async () => {
  const service = await serve([
    scripted(
      `{ begin: () => { for (let i = 0; i < 20; i++) api.raw('npm warn\\n[1]\\n{}\\n{"level":"info","method":"GET"}\\n'); } }`,
    ),
  ]);
  const { id } = await open(service);
  expect(text(await turn(service, id, "hello"))).toBe("hello");
});

test("an agent that never answers initialize is given up at its deadline", async () => {
  const service = await serve([scripted("{ initialize: () => api.never }", { timeoutMs: 200 })]);
  const error = await failure(open(service));
  expect(error).toMatchObject({ code: StatusCode.DEADLINE_EXCEEDED, reason: "agent-timeout" });
});

test("opening a session ends at its deadline where the agent does not answer", async () => {
  const service = await serve([scripted('{ "session/new": () => api.never }', { timeoutMs: 200 })]);
  expect(await failure(open(service))).toMatchObject({ code: StatusCode.DEADLINE_EXCEEDED });
  expect(service.liveSessions).toBe(0);
});

test("opening a session ends when the agent dies meanwhile", async () => {
  const service = await serve([
    scripted('{ "session/new": () => { console.error("out of memory"); process.exit(3); } }', {
      timeoutMs: 60_000,
    }),
  ]);
  expect(await failure(open(service))).toMatchObject({ reason: "agent-exited" });
});

test("an agent of another ACP version is refused", async () => {
  const service = await serve([scripted("{ initialize: () => ({ protocolVersion: 9 }) }")]);
  expect((await failure(open(service))).message).toContain("version 9 of ACP");
});

test("an agent that dies in a turn fails it with reason and standard error, and no other agent notices", async () => {
  const service = await serve([
    scripted(
      '{ "session/prompt": ({ sessionId }) => { api.say(sessionId, "so far"); console.error("boom at line 1"); process.kill(process.pid, "SIGKILL"); return api.never; } }',
    ),
    scripted("{}", { id: "other" }),
  ]);
  const { id } = await open(service);
  const other = await open(service, { agentId: "other" });
  const events = await turn(service, id, "go");
  expect(text(events)).toBe("so far");
  expect(bodyOf(events, "turnFailed")).toMatchObject({
    code: StatusCode.UNAVAILABLE,
    reason: "agent-exited",
  });
  expect(bodyOf(events, "turnFailed").message).toContain("SIGKILL");
  expect(bodyOf(events, "turnFailed").stderrTail).toContain("boom at line 1");
  expect(bodyOf(await transcript(service, id), "ended")).toMatchObject({ reason: "agent-exited" });
  expect(text(await turn(service, other.id, "still here"))).toBe("still here");

  const again = await turn(service, id, "and now");
  expect(bodyOf(again, "turnFailed")).toMatchObject({ reason: "agent-cannot-resume" });
});

test("an agent's error in a turn fails the turn and leaves the session", async () => {
  const service = await serve([
    scripted(`{ "session/prompt": ({ sessionId, prompt }) => {
      if (prompt[0].text === "fail") throw Object.assign(new Error("quota used up"), { code: -32000 });
      api.say(sessionId, "fine");
      return { stopReason: "end_turn" };
    } }`),
  ]);
  const { id } = await open(service);
  expect(bodyOf(await turn(service, id, "fail"), "turnFailed").message).toContain("quota used up");
  expect(text(await turn(service, id, "again"))).toBe("fine");
});

test("an agent that floods costs bounded memory; a watcher who reads slowly is told what is gone", async () => {
  const { MemoryEventLog } = await import("../src/index.ts");
  const service = await serve(
    [
      scripted(`{ "session/prompt": ({ sessionId }) => {
        for (let i = 0; i < 30000; i++) api.say(sessionId, "x".repeat(100));
        return { stopReason: "end_turn" };
      } }`),
    ],
    { eventLog: new MemoryEventLog({ maxEvents: 5_000 }) },
  );
  const { id } = await open(service);
  const watcher = service
    .watch(
      {
        $typeName: "clawmatrix.v1.WatchRequest",
        sessionId: id,
        sinceSeq: 0,
        noFollow: false,
        watchOnly: false,
      },
      context(),
    )
    [Symbol.asyncIterator]();
  await watcher.next();
  expect(bodyOf(await turn(service, id, "go"), "turnEnded")).toMatchObject({ stopReason: "end_turn" });
  const kept = await transcript(service, id);
  expect(kept.length).toBeLessThanOrEqual(5_000);
  let gap: number | undefined;
  for (let next = await watcher.next(); gap === undefined && !next.done; next = await watcher.next()) {
    if (next.value.message?.case === "firstKeptSeq") gap = next.value.message.value;
  }
  expect(gap).toBeGreaterThan(25_000);
  await watcher.return?.();
});

test("an agent that ignores a permission's missing options can only be cancelled", async () => {
  const service = await serve([
    scripted(`{ "session/prompt": async ({ sessionId }) => {
      const answer = await api.request("session/request_permission", { sessionId, toolCall: { toolCallId: "t" } });
      api.say(sessionId, JSON.stringify(answer.outcome));
      return { stopReason: "end_turn" };
    } }`),
  ]);
  const { id } = await open(service);
  const call = new PromptCall(service).prompt(id, "go", { permission: 2 });
  const { value: asked } = await call.event("permissionAsked");
  call.send({ case: "answer", value: { id: asked.id ?? "", answer: { case: "cancelled", value: true } } });
  const events = await call.halfClose().rest();
  expect(text(events)).toBe('{"outcome":"cancelled"}');
  expect(kinds(events)).toContain("answered");
});
