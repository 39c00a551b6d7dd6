import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { methods, RequestError } from "@agentclientprotocol/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Editor, type EditorOptions, MAIN, startAcp } from "./editor.ts";
import { Homes } from "./homes.ts";
import { type SmallMesh, startSmallMesh, untilSeen } from "./small-mesh.ts";

const homes = new Homes();
let mesh: SmallMesh;
beforeAll(async () => {
  mesh = await startSmallMesh(homes);
  // Like demo, but its sessions outlive its process.
  const state = `CLAWMATRIX_DEMO_STATE=${join(homes.directory, "keeper")}`;
  const command = [process.execPath, MAIN, "demo-agent"];
  const { server, workspace, laptop } = mesh;
  await server.ok("agents", "add", "keeper", "--directory", workspace, "--env", state, "--", ...command);
  await untilSeen(laptop, ({ agents }) => agents.includes("keeper"));
});
afterAll(() => homes[Symbol.asyncDispose]());

/** The numbers that `slow` says: none missing, none twice. */
const counted = (pieces: number): string =>
  `${Array.from({ length: pieces }, (_, index) => index + 1).join(" ")}\n`;

/** What was said from the first number on. */
const numbersIn = (said: string): string => said.slice(said.search(/\b1 2 /));

const open = (options?: EditorOptions): Promise<Editor> => Editor.open(homes, mesh.laptop, options);

describe("an editor", () => {
  it("hears from the agent itself what it can, and that its sessions can be listed and continued", async () => {
    const editor = await open();
    expect(editor.description).toMatchObject({
      protocolVersion: 1,
      agentInfo: { name: "demo" },
      agentCapabilities: {
        loadSession: true,
        promptCapabilities: { image: true, audio: true, embeddedContext: true },
        sessionCapabilities: { list: {}, resume: {}, close: {} },
      },
    });
    expect(await editor.close()).toBe(0);
  });

  it("opens a session, prompts, sets mode and option, and closes it", async () => {
    const editor = await open();
    const { agent } = editor.connection;
    const { sessionId, modes } = await editor.openSession(mesh.workspace);
    expect(modes).toMatchObject({ currentModeId: "ask" });
    await editor.until(() =>
      editor.updates(sessionId).some(({ sessionUpdate }) => sessionUpdate === "available_commands_update"),
    );
    expect(await editor.prompt(sessionId, "hello")).toMatchObject({ stopReason: "end_turn" });
    expect(editor.said(sessionId)).toContain("you said: hello");
    expect(editor.said(sessionId, "user_message_chunk")).toBe("");
    const modeId = modes!.availableModes.find(({ id }) => id !== "ask")!.id;
    await agent.request(methods.agent.session.setMode, { sessionId, modeId });
    await editor.until(() =>
      editor
        .updates(sessionId)
        .some((update) => update.sessionUpdate === "current_mode_update" && update.currentModeId === modeId),
    );
    const changed = await agent.request(methods.agent.session.setConfigOption, {
      sessionId,
      configId: "pace",
      value: "instant",
    });
    expect(JSON.stringify(changed.configOptions)).toContain('"currentValue":"instant"');
    const { sessions } = await agent.request(methods.agent.session.list, { cwd: mesh.workspace });
    expect(sessions).toContainEqual(
      expect.objectContaining({ sessionId, cwd: mesh.workspace, title: "hello" }),
    );
    await editor.close();
    const [row] = await mesh.server.json<{ id: string; state: string }[]>("session", "list");
    expect(row).toMatchObject({ id: sessionId, state: "closed" });
  });

  it("is asked for permission, and its answer is what the agent acts on", async () => {
    const editor = await open();
    const sessionId = await editor.newSession(mesh.workspace);
    await editor.prompt(sessionId, "run echo hi there");
    expect(editor.permissions[0]).toMatchObject({ sessionId, toolCall: { title: "run echo hi there" } });
    expect(JSON.stringify(editor.updates(sessionId))).toContain("hi there\\n");
    await editor.close();
  });

  it("has its question taken back when somebody else has answered", async () => {
    const editor = await open();
    editor.permissionAnswer = undefined;
    const sessionId = await editor.newSession(mesh.workspace);
    const turn = editor.prompt(sessionId, "run echo decided elsewhere");
    await editor.until(() => editor.permissions.length === 1);
    const [waiting] = await mesh.laptop.json<{ id: string }[]>("inbox");
    await mesh.laptop.ok("answer", waiting!.id, "allow_once");
    expect(await turn).toMatchObject({ stopReason: "end_turn" });
    await editor.until(() => editor.withdrawn === 1);
    expect(JSON.stringify(editor.updates(sessionId))).toContain("decided elsewhere\\n");
    await editor.close();
  });

  it("stops a turn, and one that has not begun, and may have the next", async () => {
    const editor = await open();
    const sessionId = await editor.newSession(mesh.workspace);
    const turn = editor.prompt(sessionId, "slow 1000");
    await editor.until(() => editor.said(sessionId).includes("1 2 "));
    const next = editor.prompt(sessionId, "never begun");
    await editor.connection.agent.notify(methods.agent.session.cancel, { sessionId });
    expect(await turn).toMatchObject({ stopReason: "cancelled" });
    expect(await next).toMatchObject({ stopReason: "cancelled" });
    expect(await editor.prompt(sessionId, "and now")).toMatchObject({ stopReason: "end_turn" });
    expect(editor.said(sessionId)).not.toContain("never begun");
    await editor.close();
  });

  it("serves the agent's files, unsaved text included, where it says that it does", async () => {
    const asked: string[] = [];
    const editor = await open({
      capabilities: { fs: { readTextFile: true, writeTextFile: true } },
      serve: (app) =>
        app.onRequest(methods.client.fs.readTextFile, ({ params }) => {
          asked.push(`${params.sessionId} ${params.path}`);
          if (params.path.endsWith("gone.txt")) throw RequestError.resourceNotFound(params.path);
          return { content: "not saved yet\n" };
        }),
    });
    const sessionId = await editor.newSession(mesh.workspace);
    await editor.prompt(sessionId, "cat greet.sh");
    expect(asked).toEqual([`${sessionId} ${join(mesh.workspace, "greet.sh")}`]);
    expect(JSON.stringify(editor.updates(sessionId))).toContain("not saved yet");
    await editor.prompt(sessionId, "cat gone.txt");
    expect(JSON.stringify(editor.updates(sessionId))).toContain("There is no file gone.txt");
    await editor.close();
  });

  it("answers a question of the agent by its own form", async () => {
    const editor = await open({
      capabilities: { elicitation: { form: {} } },
      serve: (app) =>
        app.onRequest(methods.client.elicitation.create, ({ params }) => {
          const { properties } = (params as { requestedSchema: { properties: object } }).requestedSchema;
          const [field = ""] = Object.keys(properties);
          return { action: "accept" as const, content: { [field]: "blue" } };
        }),
    });
    const sessionId = await editor.newSession(mesh.workspace);
    await editor.prompt(sessionId, "ask which colour?");
    expect(editor.said(sessionId)).toContain("blue");
    await editor.close();
  });

  it("may call methods that nobody here knows, and gets the agent's own error", async () => {
    const editor = await open();
    const sessionId = await editor.newSession(mesh.workspace);
    const { agent } = editor.connection;
    await expect(agent.request("_vendor/undo", { sessionId })).rejects.toMatchObject({ code: -32601 });
    await expect(agent.request("_vendor/about", {})).rejects.toMatchObject({ code: -32601 });
    expect(await agent.request(methods.agent.authenticate, { methodId: "any" })).toEqual({});
    await expect(editor.newSession("/nowhere/at/all")).rejects.toMatchObject({
      message: expect.stringContaining("may not run in /nowhere/at/all"),
    });
    await editor.close();
  });

  it("names directories of its own machine where --cwd says where they are on the agent's", async () => {
    const editor = await open({ flags: ["--cwd", mesh.workspace] });
    const sessionId = await editor.newSession("/home/me/project");
    await editor.prompt(sessionId, "ls");
    expect(JSON.stringify(editor.updates(sessionId))).toContain("greet.sh");
    const { sessions } = await editor.connection.agent.request(methods.agent.session.list, {
      cwd: "/home/me/project",
    });
    expect(sessions.find((row) => row.sessionId === sessionId)).toMatchObject({ cwd: "/home/me/project" });
    await editor.close();
  });
});

describe("several editors", () => {
  it("have sessions of their own in one agent at once", async () => {
    const editors = await Promise.all([open(), open()]);
    const sessions = await Promise.all(editors.map((editor) => editor.newSession(mesh.workspace)));
    await Promise.all(editors.map((editor, at) => editor.prompt(sessions[at]!, `slow ${5 + at}`)));
    const said = editors.map((editor, at) => numbersIn(editor.said(sessions[at]!)));
    expect(said).toEqual([counted(5), counted(6)]);
    expect(editors[0]!.updates(sessions[1]!)).toEqual([]);
    await Promise.all(editors.map((editor) => editor.close()));
  });

  it("share a session: both see both, and either answers what the agent asks", async () => {
    const [one, two] = await Promise.all([open(), open()]);
    one.permissionAnswer = undefined;
    const sessionId = await one.newSession(mesh.workspace);
    await one.prompt(sessionId, "remember this");
    const { agent } = two.connection;
    await agent.request(methods.agent.session.load, { sessionId, cwd: mesh.workspace, mcpServers: [] });
    expect(two.said(sessionId, "user_message_chunk")).toBe("remember this");
    expect(two.said(sessionId)).toBe(one.said(sessionId));
    expect(await one.prompt(sessionId, "run echo by the other")).toMatchObject({ stopReason: "end_turn" });
    await one.until(() => one.withdrawn === 1);
    await two.until(() => two.said(sessionId, "user_message_chunk").endsWith("run echo by the other"));
    await two.prompt(sessionId, "from two");
    await one.until(() => one.said(sessionId, "user_message_chunk") === "from two");
    await Promise.all([one.close(), two.close()]);
  });

  it("takes up a session after it was closed and opened again: the session went on meanwhile", async () => {
    const before = await open();
    const sessionId = await before.newSession(mesh.workspace);
    const turn = before.prompt(sessionId, "slow 8").catch(() => undefined);
    await before.until(() => before.said(sessionId).includes("1 2 "));
    expect(await before.leave()).toBe(0);
    await turn;
    const after = await open();
    const { agent } = after.connection;
    await agent.request(methods.agent.session.load, { sessionId, cwd: mesh.workspace, mcpServers: [] });
    await after.until(() => numbersIn(after.said(sessionId)) === counted(8));
    await agent.request(methods.agent.session.resume, { sessionId, cwd: mesh.workspace, mcpServers: [] });
    await after.prompt(sessionId, "still here");
    expect(after.said(sessionId)).toContain("you said: still here");
    await agent.request(methods.agent.session.close, { sessionId });
    await after.close();
  });
});

describe("what the editor does not notice", () => {
  it("the relay is killed in the middle of a turn and started again", async () => {
    const editor = await open();
    const sessionId = await editor.newSession(mesh.workspace);
    const turn = editor.prompt(sessionId, "slow 30");
    await editor.until(() => editor.said(sessionId).includes("1 2 3 "));
    process.kill(mesh.relay.pid, "SIGKILL");
    await mesh.relay.ok("up", "--detach");
    expect(await turn).toMatchObject({ stopReason: "end_turn" });
    expect(numbersIn(editor.said(sessionId))).toBe(counted(30));
    await editor.close();
  }, 60_000);

  it("its own node is killed in the middle of a turn and started again", async () => {
    const editor = await open();
    const sessionId = await editor.newSession(mesh.workspace);
    const turn = editor.prompt(sessionId, "slow 30");
    await editor.until(() => editor.said(sessionId).includes("1 2 3 "));
    process.kill(mesh.laptop.pid, "SIGKILL");
    await mesh.laptop.ok("up", "--detach");
    expect(await turn).toMatchObject({ stopReason: "end_turn" });
    expect(numbersIn(editor.said(sessionId))).toBe(counted(30));
    expect(editor.stderr).toContain("reconnecting");
    await editor.prompt(sessionId, "and on");
    expect(editor.said(sessionId)).toContain("you said: and on");
    await editor.close();
  }, 60_000);

  it("a question waits while its own node is restarted, and is asked once", async () => {
    const editor = await open();
    editor.permissionAnswer = undefined;
    const sessionId = await editor.newSession(mesh.workspace);
    const turn = editor.prompt(sessionId, "run echo late");
    await editor.until(() => editor.permissions.length === 1);
    process.kill(mesh.laptop.pid, "SIGKILL");
    await mesh.laptop.ok("up", "--detach");
    await untilSeen(mesh.laptop, ({ name }) => name === "server");
    const [waiting] = await mesh.laptop.json<{ id: string }[]>("inbox");
    await mesh.laptop.ok("answer", waiting!.id, "allow_once");
    expect(await turn).toMatchObject({ stopReason: "end_turn" });
    expect(editor.permissions).toHaveLength(1);
    await editor.close();
  }, 60_000);

  it("but a cancel while its own node is away holds: at once here, and there when it is back", async () => {
    const editor = await open();
    const sessionId = await editor.newSession(mesh.workspace);
    const turn = editor.prompt(sessionId, "slow 500");
    await editor.until(() => editor.said(sessionId).includes("1 2 3 "));
    process.kill(mesh.laptop.pid, "SIGKILL");
    await editor.until(() => editor.stderr.includes("reconnecting"));
    await editor.connection.agent.notify(methods.agent.session.cancel, { sessionId });
    expect(await turn).toMatchObject({ stopReason: "cancelled" });
    await mesh.laptop.ok("up", "--detach");
    expect(await editor.prompt(sessionId, "next")).toMatchObject({ stopReason: "end_turn" });
    expect(editor.said(sessionId)).toContain("you said: next");
    await editor.close();
  }, 60_000);

  it("but a turn that was lost with the agent's node is an error, and the session goes on", async () => {
    const editor = await open({ agent: "keeper@server" });
    const sessionId = await editor.newSession(mesh.workspace);
    const turn = editor.prompt(sessionId, "slow 500").catch((error: Error) => error);
    await editor.until(() => editor.said(sessionId).includes("1 2 3 "));
    process.kill(mesh.server.pid, "SIGKILL");
    await mesh.server.ok("up", "--detach");
    expect(await turn).toMatchObject({
      data: { reason: expect.stringMatching(/^(node-restarted|turn-lost)$/) },
    });
    expect(await editor.prompt(sessionId, "again")).toMatchObject({ stopReason: "end_turn" });
    expect(editor.said(sessionId)).toContain("you said: again");
    await editor.close();
  }, 60_000);
});

describe("standard input", () => {
  it("may hold rubbish, which is refused; what follows is read", async () => {
    const child = startAcp(homes, mesh.laptop, "demo@server");
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const answer = async (line: string): Promise<unknown> => {
      child.stdin!.write(`${line}\n`);
      return JSON.parse((await lines.next()).value as string);
    };
    expect(await answer("what is this?")).toMatchObject({ id: null, error: { code: -32700 } });
    expect(await answer('{"jsonrpc":"2.0","id":"x","method":"session/new","params":{}}')).toMatchObject({
      id: "x",
      error: { code: -32600, message: expect.stringContaining("initialize") },
    });
    const params = { protocolVersion: 1, clientCapabilities: { _meta: { big: 1 } }, futureField: [1] };
    expect(
      await answer(JSON.stringify({ jsonrpc: "2.0", id: 12, method: "initialize", params })),
    ).toMatchObject({ id: 12, result: { protocolVersion: 1 } });
    child.stdin!.end();
    expect((await once(child, "exit"))[0]).toBe(0);
  });

  it("is answered why the agent cannot be used, and the command ends with that", async () => {
    const initialize = `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: {} })}\n`;
    const unknown = startAcp(homes, mesh.laptop, "nobody@server");
    unknown.stdin!.write(initialize);
    const [line] = (await once(createInterface({ input: unknown.stdout! }), "line")) as [string];
    expect(JSON.parse(line)).toMatchObject({
      id: 1,
      error: { message: expect.stringContaining('offers no agent "nobody". It offers: demo') },
    });
    expect((await once(unknown, "exit"))[0]).toBe(1);
    const stopped = startAcp(homes, homes.home("elsewhere"), "demo@server");
    stopped.stdin!.write(initialize);
    expect((await once(stopped, "exit"))[0]).toBe(3);
  });

  it("that ends, ends the command, whatever is open", async () => {
    const editor = await open();
    const unused = await editor.newSession(mesh.workspace);
    const sessionId = await editor.newSession(mesh.workspace);
    const turn = editor.prompt(sessionId, "slow 1000").catch(() => undefined);
    await editor.until(() => editor.said(sessionId).includes("1 2 "));
    expect(await editor.leave()).toBe(0);
    await turn;
    const rows = await mesh.server.json<{ id: string; state: string }[]>("session", "list");
    expect(rows.find(({ id }) => id === sessionId)).toMatchObject({ state: "running" });
    expect(rows.find(({ id }) => id === unused)).toMatchObject({ state: "closed" });
    await mesh.server.ok("session", "close", sessionId);
  });
});
