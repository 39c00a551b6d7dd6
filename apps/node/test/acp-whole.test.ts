import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startAcp } from "./editor.ts";
import { type Home, Homes } from "./homes.ts";
import { RawEditor } from "./raw-editor.ts";
import { startRelay } from "./small-mesh.ts";

/** More than JavaScript's numbers can hold: what was parsed and printed again would differ. */
const BIG = "12345678901234567890";

const homes = new Homes();
const workspace = join(homes.directory, "workspace");
let node: Home;
beforeAll(async () => {
  mkdirSync(workspace);
  node = await startRelay(homes);
  const agent = join(import.meta.dirname, "fixtures", "newer-agent.mjs");
  await node.ok("agents", "add", "newer", "--directory", workspace, "--", process.execPath, agent);
});
afterAll(() => homes[Symbol.asyncDispose]());

it("what no version of ACP knows passes whole, either way", async () => {
  const editor = new RawEditor(startAcp(homes, node, "newer"));
  const capabilities = `{"terminal":true,"fs":{"readTextFile":true},"_meta":{"editor":${BIG}}}`;
  const described = await editor.call(
    1,
    "initialize",
    `{"protocolVersion":1,"clientCapabilities":${capabilities}}`,
  );
  expect(described).toContain(`"mood":${BIG}`);
  const { result } = JSON.parse(described);
  expect(result.agentCapabilities).toEqual({
    _meta: { dreams: true },
    loadSession: true,
    sessionCapabilities: { sing: {}, list: {}, resume: {}, close: {} },
  });
  expect(result.authMethods).toEqual([{ id: "own", name: "Own" }]);

  const opened = await editor.call(
    2,
    "session/new",
    `{"cwd":"${workspace}","mcpServers":[{"name":"m","command":"/m","args":[],"env":[]}],"wish":${BIG}}`,
  );
  expect(opened).toContain(`"welcome":${BIG}`);
  const { sessionId } = JSON.parse(opened).result;
  expect(sessionId).not.toBe("one");

  const turn = editor.call(
    3,
    "session/prompt",
    `{"sessionId":"${sessionId}","prompt":[{"type":"smell","of":${BIG}}],"_meta":{"p":${BIG}}}`,
  );
  const dream = await editor.line(({ params }) => JSON.stringify(params ?? {}).includes('"dream"'));
  expect(dream).toContain(`"update":{"sessionUpdate":"dream","depth":${BIG}}`);
  expect(JSON.parse(dream).params).toMatchObject({ sessionId, _meta: { trace: 1 } });
  const progress = await editor.line(({ method }) => method === "_vendor/progress");
  expect(JSON.parse(progress).params).toEqual({ sessionId, done: 0.5 });
  await editor.line(({ method }) => method === "_vendor/whole_process");

  // What the agent asks for comes behind what it has said before.
  const methods = editor.lines.flatMap((line) => (JSON.parse(line) as { method?: string }).method ?? []);
  expect(methods.filter((method) => method !== "session/update").slice(0, 2)).toEqual([
    "_vendor/progress",
    "_vendor/whole_process",
  ]);

  const pick = JSON.parse(await editor.line(({ method }) => method === "_vendor/pick"));
  expect(pick.params).toEqual({ sessionId, from: ["a", "b"] });
  editor.write(`{"jsonrpc":"2.0","id":${pick.id},"result":{"picked":"b"}}`);
  const terminal = JSON.parse(await editor.line(({ method }) => method === "terminal/create"));
  expect(terminal.params).toEqual({ sessionId, command: "make" });
  editor.write(
    `{"jsonrpc":"2.0","id":${terminal.id},"error":{"code":-32011,"message":"no room","data":{"rooms":0}}}`,
  );
  const read = JSON.parse(await editor.line(({ method }) => method === "fs/read_text_file"));
  editor.write(`{"jsonrpc":"2.0","method":"_vendor/never_mind","params":{"sessionId":"${sessionId}"}}`);
  const withdrawn = await editor.line(({ method }) => method === "$/cancel_request");
  expect(JSON.parse(withdrawn).params).toEqual({ requestId: read.id });

  expect(await turn).toContain(`"result":{"stopReason":"bored","_meta":{"score":${BIG}}}`);
  const report = JSON.parse(
    await editor.line(({ params }) => JSON.stringify(params ?? {}).includes('"report"')),
  );
  expect(report.params.update).toMatchObject({
    picked: { picked: "b" },
    terminal: { error: { code: -32011, message: "no room", data: { rooms: 0 } } },
    withdrawn: { error: { code: -32800 } },
  });
  const heard = await editor.line(({ params }) => JSON.stringify(params ?? {}).includes('"heard"'));
  expect(heard).toContain(`"wish":${BIG}`);
  expect(heard).toContain(`"prompt":[{"type":"smell","of":${BIG}}]`);
  expect(heard).toContain(`"_meta":{"p":${BIG}}`);
  expect(JSON.parse(heard).params.update).toMatchObject({
    initialize: { params: { clientCapabilities: { terminal: true, fs: { readTextFile: true } } } },
    new: { params: { mcpServers: [{ name: "m", command: "/m" }] } },
    prompt: { params: { sessionId: "one" } },
  });

  const echoed = await editor.call(4, "_vendor/echo", `{"sessionId":"${sessionId}","n":${BIG}}`);
  expect(echoed).toContain(`"n":${BIG}`);
  expect(echoed).toContain(`"sessionId":"one"`);
  expect(await editor.call(5, "_vendor/echo", `{"n":${BIG}}`)).toContain(`"n":${BIG}`);
  const refused = JSON.parse(await editor.call(6, "_vendor/other", `{"sessionId":"${sessionId}"}`));
  expect(refused.error).toEqual({ code: -32042, message: "not in the mood", data: { until: "noon" } });
  expect(await editor.leave()).toBe(0);
});
