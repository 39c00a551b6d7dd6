import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  type LoadSessionResponse,
  methods,
  type SetSessionConfigOptionResponse,
} from "@agentclientprotocol/sdk";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DemoProcess, type DemoProcessOptions } from "./testing/demo-process.ts";
import { isAlive } from "./testing/is-alive.ts";

let directory: string;
let started: DemoProcess[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "demo-agent-"));
});

afterEach(async () => {
  await Promise.all(started.map((demo) => demo.stop()));
  started = [];
  await rm(directory, { recursive: true });
});

async function start(options?: DemoProcessOptions): Promise<DemoProcess> {
  const demo = await DemoProcess.start(options);
  started.push(demo);
  return demo;
}

describe("the process", () => {
  it("ends with a code and a word on standard error when it is told to crash", async () => {
    const demo = await start();
    const session = await demo.newSession(directory);
    await expect(demo.prompt(session, "crash")).rejects.toThrow();
    expect(await demo.exited).toBe(70);
    expect(demo.stderr).toContain("demo: crashed");
  });

  it.each(["the end of its input", "SIGTERM", "SIGKILL"] as const)(
    "leaves no command behind at %s",
    async (end) => {
      const demo = await start();
      const session = await demo.newSession(directory);
      const prompt = demo.prompt(session, "run sh -c 'echo $$; exec sleep 60' & wait").catch(() => undefined);
      await demo.until(() => /"text":"\d+\\n"/.test(JSON.stringify(demo.toolCalls(session))));
      const pid = Number(/"text":"(\d+)\\n"/.exec(JSON.stringify(demo.toolCalls(session)))?.[1]);
      if (end === "the end of its input") demo.child.stdin?.end();
      else demo.child.kill(end);
      await demo.exited;
      await prompt;
      // The system tells the watcher after the process is gone, so its death is awaited.
      await expect.poll(() => isAlive(pid), { timeout: 5_000, interval: 5 }).toBe(false);
    },
  );

  it("answers bad lines with errors and goes on", async () => {
    const child = spawn(process.execPath, [fileURLToPath(new URL("./main.ts", import.meta.url))], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const initialize = { jsonrpc: "2.0", id: 1, method: "initialize", params: { protocolVersion: 1 } };
    const badPrompt = { jsonrpc: "2.0", id: 2, method: "session/prompt", params: { sessionId: 7 } };
    const unknown = { jsonrpc: "2.0", id: 3, method: "session/unheard_of", params: {} };
    child.stdin.write(`garbage\n[]\n42\n\xff\n${JSON.stringify(initialize)}\n`);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () => JSON.parse((await lines.next()).value ?? "");
    for (const code of [-32700, -32600, -32600, -32700]) {
      expect(await next()).toMatchObject({ id: null, error: { code } });
    }
    expect(await next()).toMatchObject({ id: 1, result: { agentInfo: { name: "demo" } } });
    child.stdin.write(`${JSON.stringify(badPrompt)}\n${JSON.stringify(unknown)}\n`);
    expect([await next(), await next()]).toMatchObject([
      { id: 2, error: { code: -32602 } },
      { id: 3, error: { code: -32601 } },
    ]);
    child.stdin.end();
    expect((await once(child, "exit"))[0]).toBe(0);
  });
});

describe("sessions", () => {
  it("run turns independently of each other, one at a time each", async () => {
    const demo = await start();
    const [slow, quick] = [await demo.newSession(directory), await demo.newSession(directory)];
    const long = demo.prompt(slow, "slow 100000");
    await demo.until(() => demo.answer(slow).includes("1 "));
    await demo.prompt(quick, "hello");
    expect(demo.answer(quick)).toContain("you said: hello");
    await expect(demo.prompt(slow, "me too")).rejects.toThrow("a turn is running in this session");
    await demo.cancel(slow);
    expect(await long).toMatchObject({ stopReason: "cancelled" });
    expect(demo.answer(slow)).not.toContain("me too");
  });

  it("are loaded, resumed, listed and deleted after a restart of the process", async () => {
    const env = { CLAWMATRIX_DEMO_STATE: join(directory, "state") };
    const first = await start({ env });
    const session = await first.newSession(directory);
    await first.prompt(session, "mode allow");
    await first.prompt(session, "run echo kept");
    await first.prompt(session, "ask Which colour?");
    expect(await first.stop()).toBe(0);

    const second = await start({ env });
    const { agent } = second.connection;
    const { sessions } = await agent.request(methods.agent.session.list, { cwd: directory });
    expect(sessions).toMatchObject([{ sessionId: session, cwd: directory, title: "mode allow" }]);
    const reopen = { sessionId: session, cwd: directory, mcpServers: [] };
    const loaded: LoadSessionResponse = await agent.request(methods.agent.session.load, reopen);
    expect(loaded.modes?.currentModeId).toBe("allow");
    expect(second.updates(session).map(({ sessionUpdate }) => sessionUpdate)).toEqual(
      expect.arrayContaining(["user_message_chunk", "agent_message_chunk", "tool_call"]),
    );
    expect(second.answer(session)).toBe(first.answer(session));
    expect(second.toolCalls(session)).toMatchObject([{ status: "completed", rawOutput: { exitCode: 0 } }]);
    await second.prompt(session, "red");
    expect(second.answer(session)).toContain("To “Which colour?” you answered: red");

    await agent.request(methods.agent.session.close, { sessionId: session });
    await expect(second.prompt(session, "closed")).rejects.toThrow();
    await agent.request(methods.agent.session.resume, reopen);
    await second.prompt(session, "open again");
    await agent.request(methods.agent.session.delete, { sessionId: session });
    expect(await readdir(env.CLAWMATRIX_DEMO_STATE)).toEqual([]);
  });

  it("answer for what is unknown or damaged with an error that says so", async () => {
    const state = join(directory, "state");
    const damaged = `demo-${"0".repeat(32)}`;
    await mkdir(state);
    await writeFile(join(state, `${damaged}.jsonl`), "{");
    const demo = await start({ env: { CLAWMATRIX_DEMO_STATE: state } });
    const load = (sessionId: string, cwd = directory) =>
      demo.connection.agent.request(methods.agent.session.load, { sessionId, cwd, mcpServers: [] });
    await expect(load("../../etc/passwd")).rejects.toMatchObject({ code: -32002 });
    await expect(load(`demo-${"1".repeat(32)}`)).rejects.toMatchObject({ code: -32002 });
    await expect(load(damaged)).rejects.toThrow("damaged");
    await expect(demo.newSession("relative/path")).rejects.toThrow("absolute path");
    const session = await demo.newSession(directory);
    const agent = demo.connection.agent;
    await expect(
      agent.request(methods.agent.session.setMode, { sessionId: session, modeId: "yolo" }),
    ).rejects.toThrow("no mode yolo");
    expect((await agent.request(methods.agent.session.list, {})).sessions).toHaveLength(1);
  });

  it("take modes and options from the client", async () => {
    const demo = await start();
    const sessionId = await demo.newSession(directory);
    const { agent } = demo.connection;
    await agent.request(methods.agent.session.setMode, { sessionId, modeId: "read-only" });
    const option = { sessionId, configId: "verbosity", value: "detailed" };
    const set: SetSessionConfigOptionResponse = await agent.request(
      methods.agent.session.setConfigOption,
      option,
    );
    expect(set.configOptions).toMatchObject([{ id: "pace" }, { id: "verbosity", currentValue: "detailed" }]);
    await demo.prompt(sessionId, "run true");
    expect(demo.updates(sessionId).some((update) => update.sessionUpdate === "agent_thought_chunk")).toBe(
      true,
    );
    expect(demo.answer(sessionId)).toContain("read-only");
  });
});

describe("a client that can do more", () => {
  it("serves the files and answers questions in a form", async () => {
    const written: string[] = [];
    const asked: unknown[] = [];
    const demo = await start({
      capabilities: { fs: { readTextFile: true, writeTextFile: true }, elicitation: { form: {} } },
      serve: (app) =>
        app
          .onRequest(methods.client.fs.readTextFile, () => ({ content: "unsaved red" }))
          .onRequest(methods.client.fs.writeTextFile, ({ params }) => {
            written.push(params.path, params.content);
            return {};
          })
          .onRequest(methods.client.elicitation.create, ({ params }) => {
            asked.push(params);
            return { action: "accept", content: { answer: "blue" } };
          }),
    });
    const session = await demo.newSession(directory);
    await demo.prompt(session, "cat notes.txt");
    expect(JSON.stringify(demo.toolCalls(session).at(-1))).toContain("unsaved red");
    await demo.prompt(session, "edit notes.txt red => green");
    expect(written).toEqual([join(directory, "notes.txt"), "unsaved green"]);
    await demo.prompt(session, "ask Which colour? red | blue");
    expect(asked).toMatchObject([
      {
        mode: "form",
        sessionId: session,
        message: "Which colour?",
        requestedSchema: { properties: { answer: { oneOf: [{ const: "red" }, { const: "blue" }] } } },
      },
    ]);
    expect(demo.answer(session)).toContain("You answered: blue");
  });
});
