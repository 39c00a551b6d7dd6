import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { json, open, PromptCall, scripted, serve, temporaryDirectory, text, turn } from "./agents-harness.ts";

/** Makes the requests of its prompt, an array of [method, params], one after the other, and tells the answers. */
const ASKING = `{
  "session/prompt": async ({ sessionId, prompt }) => {
    const answers = [];
    let terminalId;
    for (const [method, params] of JSON.parse(prompt[0].text)) {
      const answer = await api.request(method, { sessionId, terminalId, ...params });
      terminalId = answer.terminalId ?? terminalId;
      answers.push(answer);
    }
    api.say(sessionId, JSON.stringify(answers));
    return { stopReason: "end_turn" };
  },
  initialize: (params) => {
    process.getBuiltinModule("node:fs").writeFileSync(process.env.SEEN, JSON.stringify(params));
    return { protocolVersion: 1 };
  },
}`;

async function surroundings(settings: object = {}, opening: object = {}) {
  const directory = await temporaryDirectory();
  const SEEN = join(await temporaryDirectory(), "initialize.json");
  const service = await serve([scripted(ASKING, { directories: [directory], env: { SEEN }, ...settings })]);
  const { id } = await open(service, opening);
  const ask = async (...requests: [string, object][]): Promise<Record<string, unknown>[]> =>
    JSON.parse(text(await turn(service, id, JSON.stringify(requests))));
  const capabilities = async () => JSON.parse(await readFile(SEEN, "utf8")).clientCapabilities;
  return { directory, service, id, ask, capabilities };
}

test("text files within the allowed directories are served where the client says nothing of them", async () => {
  const { directory, ask, capabilities } = await surroundings();
  const path = join(directory, "a.txt");
  const [written, whole, lines, missing] = await ask(
    ["fs/write_text_file", { path, content: "one\ntwo\nthree\n" }],
    ["fs/read_text_file", { path }],
    ["fs/read_text_file", { path, line: 2, limit: 1 }],
    ["fs/read_text_file", { path: join(directory, "no.txt") }],
  );
  expect(written).toEqual({});
  expect(whole).toEqual({ content: "one\ntwo\nthree\n" });
  expect(lines).toEqual({ content: "two\n" });
  expect(missing).toMatchObject({ error: { code: -32002 } });
  expect(await capabilities()).toMatchObject({
    fs: { readTextFile: true, writeTextFile: true },
    terminal: true,
  });
});

test("no file outside of the allowed directories is read or written, by name or through a link", async () => {
  const outside = await temporaryDirectory();
  await writeFile(join(outside, "secret"), "secret");
  const { directory, ask } = await surroundings();
  await mkdir(join(directory, "sub"));
  await symlink(outside, join(directory, "way-out"));
  await symlink(join(outside, "new"), join(directory, "dangling"));
  const answers = await ask(
    ["fs/read_text_file", { path: join(outside, "secret") }],
    ["fs/read_text_file", { path: `${directory}/../${outside.split("/").at(-1)}/secret` }],
    ["fs/read_text_file", { path: join(directory, "way-out", "secret") }],
    ["fs/write_text_file", { path: join(directory, "way-out", "new"), content: "x" }],
    ["fs/write_text_file", { path: join(directory, "dangling"), content: "x" }],
    ["fs/read_text_file", { path: "relative" }],
    ["fs/read_text_file", { path: join(directory, "sub") }],
    ["terminal/create", { command: "pwd", cwd: outside }],
  );
  for (const answer of answers) expect(answer).toMatchObject({ error: { code: -32602 } });
  await expect(readFile(join(outside, "new"))).rejects.toThrow();
});

test("commands run in the session's directory, end as they end, and keep the end of their output", async () => {
  const { directory, ask } = await surroundings();
  const [created, exit, output] = await ask(
    ["terminal/create", { command: "pwd; printf '%s' ééé; exit 3", outputByteLimit: 5 }],
    ["terminal/wait_for_exit", {}],
    ["terminal/output", {}],
  );
  expect(created).toEqual({ terminalId: "t1" });
  expect(exit).toEqual({ exitCode: 3, signal: null });
  expect(output).toEqual({ output: "éé", truncated: true, exitStatus: { exitCode: 3, signal: null } });
  const env = [{ name: "GREETING", value: "hello" }];
  const answers = await ask(
    ["terminal/create", { command: "/bin/sh", args: ["-c", 'pwd; echo "$GREETING"'], env }],
    ["terminal/wait_for_exit", {}],
    ["terminal/output", {}],
    ["terminal/release", {}],
    ["terminal/output", {}],
  );
  expect(answers[2]).toMatchObject({ output: `${directory}\nhello\n`, truncated: false });
  expect(answers[4]).toMatchObject({ error: { code: -32002 } });
});

test("a command ends with its session, whatever it has started, and terminals are bounded", async () => {
  const { directory, service, id, ask } = await surroundings();
  const file = join(directory, "pid");
  await ask(["terminal/create", { command: `sleep 300 & echo $! > ${file}; wait` }]);
  const pid = async (): Promise<number> => Number(await readFile(file, "utf8").catch(() => ""));
  await expect.poll(pid).toBeGreaterThan(0);
  const answers = await ask(...Array.from({ length: 16 }, () => sleeping()));
  expect(answers.at(-1)).toMatchObject({ error: { message: expect.stringContaining("16 terminals") } });
  await service.closeSession({ $typeName: "clawmatrix.v1.CloseSessionRequest", sessionId: id }, {
    caller: { nodeId: "server", clientId: "", local: true, member: true },
  } as never);
  const left = await pid();
  await expect.poll(() => isRunning(left), { timeout: 5_000 }).toBe(false);
});

test("what the configuration does not allow, and what the client serves itself, the node does not serve", async () => {
  const none = await surroundings({ serve: [] });
  expect(await none.capabilities()).toEqual({ elicitation: { form: {} } });
  const [refused] = await none.ask(["terminal/create", { command: "pwd" }]);
  expect(refused).toMatchObject({ error: { code: -32601 } });

  const clientCapabilitiesJson = json({ fs: { readTextFile: true } });
  const own = await surroundings({}, { clientCapabilitiesJson });
  expect(await own.capabilities()).toMatchObject({ fs: { readTextFile: true }, terminal: true });
  const [gone] = await own.ask(["fs/read_text_file", { path: join(own.directory, "a") }]);
  expect(gone).toMatchObject({ error: { code: -32601 } });
  const prompt = JSON.stringify([["fs/read_text_file", { path: "/on/the/client" }]]);
  const call = new PromptCall(own.service).prompt(own.id, prompt, { clientCapabilitiesJson });
  const { message } = await call.until((response) => response.message?.case === "clientRequest");
  expect(message).toMatchObject({ value: { method: "fs/read_text_file" } });
  await call.goAway();
});

function sleeping(): [string, object] {
  return ["terminal/create", { command: "sleep", args: ["300"] }];
}

async function isRunning(pid: number): Promise<boolean> {
  try {
    return !/\) Z /.test(await readFile(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
