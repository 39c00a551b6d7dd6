import { expect, test } from "vitest";
import {
  bodyOf,
  context,
  json,
  kinds,
  open,
  PromptCall,
  parse,
  scripted,
  serve,
  text,
  transcript,
  turn,
  updates,
} from "./agents-harness.ts";

test("an update of an unknown kind with unknown fields passes byte by byte", async () => {
  const update =
    '{"sessionUpdate":"hologram_chunk","exact":12345678901234567890.10,"twice":1,"twice":2,"nested":{"_meta":{"x":[1e400]}},"text":"ü\\u00e9 \\"}"}';
  const service = await serve([
    scripted(`{
      "session/prompt": ({ sessionId }) => {
        const params = '{"update": ' + ${JSON.stringify(update)} + ' ,"sessionId":"' + sessionId + '"}';
        api.raw('{"jsonrpc":"2.0","method":"session/update","params":' + params + '}\\r\\n\\n');
        return { stopReason: "some_newer_reason", _meta: { kept: true } };
      },
    }`),
  ]);
  const { id } = await open(service);
  const events = await turn(service, id, "go");
  expect(Buffer.from(bodyOf(events, "updateJson")).toString()).toBe(update);
  const ended = bodyOf(events, "turnEnded");
  expect(ended.stopReason).toBe("some_newer_reason");
  expect(parse(ended.responseJson)).toEqual({ stopReason: "some_newer_reason", _meta: { kept: true } });
});

test("what an update has beside itself passes as well, byte by byte", async () => {
  const service = await serve([
    scripted(`{
      "session/prompt": ({ sessionId }) => {
        api.raw('{"jsonrpc":"2.0","method":"session/update","params":{"_meta":{"n":12345678901234567890},"sessionId":' +
          JSON.stringify(sessionId) + ',"update":{"sessionUpdate":"x"},"newer":[1.50]}}\\n');
        api.update(sessionId, { sessionUpdate: "y" });
        return { stopReason: "end_turn" };
      },
    }`),
  ]);
  const { id } = await open(service);
  const [first, second] = (await turn(service, id, "go")).filter(({ body }) => body?.case === "updateJson");
  expect(Buffer.from(first?.extraJson ?? []).toString()).toBe(
    '{"_meta":{"n":12345678901234567890},"newer":[1.50]}',
  );
  expect(second?.extraJson).toHaveLength(0);
});

test("all four states of a tool call are shown, failed among them", async () => {
  const service = await serve([
    scripted(`{
      "session/prompt": ({ sessionId }) => {
        for (const status of ["pending", "in_progress", "completed", "failed"])
          api.update(sessionId, { sessionUpdate: "tool_call_update", toolCallId: "t", status });
        return { stopReason: "end_turn" };
      },
    }`),
  ]);
  const { id } = await open(service);
  const statuses = updates(await turn(service, id, "go")).map((update) => update.status);
  expect(statuses).toEqual(["pending", "in_progress", "completed", "failed"]);
});

test("a vendor's notification passes whole, and a vendor's request is answered: method not found", async () => {
  const service = await serve([
    scripted(`{
      "session/prompt": async ({ sessionId }) => {
        api.notify("_vendor/noted", { sessionId, anything: [1, { deep: null }] });
        const answer = await api.request("_vendor/ask", { sessionId });
        api.say(sessionId, "code " + answer.error.code);
        return { stopReason: "end_turn" };
      },
    }`),
  ]);
  const { id } = await open(service);
  const events = await turn(service, id, "go");
  const notification = bodyOf(events, "notification");
  expect(notification.method).toBe("_vendor/noted");
  expect(parse(notification.paramsJson)).toMatchObject({ anything: [1, { deep: null }] });
  expect(text(events)).toBe("code -32601");
});

test("what the agent says before session/new is answered, and right behind it, is kept and replayed from any point", async () => {
  const service = await serve([
    scripted(`{
      "session/new": () => { api.say("early", "before "); return { sessionId: "early" }; },
      "begin": () => {
        const write = process.stdout.write.bind(process.stdout);
        process.stdout.write = (chunk) => write(chunk.includes('"result":{"sessionId":"early"}')
          ? chunk + JSON.stringify({ jsonrpc: "2.0", method: "session/update", params: { sessionId: "early",
              update: { sessionUpdate: "agent_message_chunk", content: { type: "text", text: "behind" } } } }) + "\\n"
          : chunk);
      },
    }`),
  ]);
  const { id } = await open(service);
  const whole = await transcript(service, id);
  expect(text(whole)).toBe("before behind");
  expect(text(await transcript(service, id, 1))).toBe("behind");
});

test("what the client declares reaches the agent: MCP servers, capabilities and further fields", async () => {
  const service = await serve([
    scripted(`{
      "session/prompt": ({ sessionId }) => {
        api.say(sessionId, JSON.stringify(api.seen.map(({ params }) => params)));
        return { stopReason: "end_turn" };
      },
    }`),
  ]);
  const { id } = await open(service, {
    mcpServersJson: json([{ name: "files", command: "mcp-files", args: [], env: [] }]),
    clientCapabilitiesJson: json({ fs: { readTextFile: true }, _meta: { editor: "ours" } }),
    extraJson: json({ _meta: { trace: 7 }, sessionId: "mine", cwd: "/elsewhere" }),
  });
  const events = await turn(service, id, "go", { extraJson: json({ messageId: "m-1", prompt: [] }) });
  const [initialize, created, prompted] = JSON.parse(text(events));
  expect(initialize).toMatchObject({
    protocolVersion: 1,
    clientInfo: { name: "clawmatrix" },
    clientCapabilities: { fs: { readTextFile: true }, elicitation: { form: {} }, _meta: { editor: "ours" } },
  });
  expect(created).toMatchObject({ mcpServers: [{ name: "files" }], _meta: { trace: 7 } });
  expect(created.cwd).not.toBe("/elsewhere");
  expect(prompted).toMatchObject({ messageId: "m-1", prompt: [{ type: "text", text: "go" }] });
});

test("file requests of the agent go to the client that said that it serves them, and to nobody else", async () => {
  const service = await serve([
    scripted(`{
      "session/prompt": async ({ sessionId }) => {
        const answer = await api.request("fs/read_text_file", { sessionId, path: "/a", _meta: { x: 1 } });
        api.say(sessionId, JSON.stringify(answer));
        return { stopReason: "end_turn" };
      },
    }`),
  ]);
  const capabilities = json({ fs: { readTextFile: true } });
  const { id } = await open(service, { clientCapabilitiesJson: capabilities });
  const call = new PromptCall(service).prompt(id, "go", { clientCapabilitiesJson: capabilities });
  const { message } = await call.until((response) => response.message?.case === "clientRequest");
  const request = message?.case === "clientRequest" ? message.value : {};
  expect(request.method).toBe("fs/read_text_file");
  expect(parse(request.paramsJson)).toMatchObject({ path: "/a", _meta: { x: 1 } });
  const answer = { case: "resultJson", value: Buffer.from('{"content":"of the file"}\n') } as const;
  call.send({ case: "clientAnswer", value: { id: request.id ?? "", answer } });
  expect(text(await call.halfClose().rest())).toBe('{"content":"of the file"}');

  const other = await turn(service, id, "again");
  expect(text(other)).toContain("-32601");
});

test("updates outside of a turn are kept like any others", async () => {
  const service = await serve([
    scripted(`{
      "session/set_mode": ({ sessionId }) => {
        setTimeout(() => api.update(sessionId, { sessionUpdate: "current_mode_update", currentModeId: "deep" }), 5);
        return { _meta: { ok: 1 } };
      },
    }`),
  ]);
  const { id } = await open(service);
  const call = new PromptCall(service).prompt(id, "first");
  await call.event("turnEnded");
  const { responseJson } = await service.setMode(
    { $typeName: "clawmatrix.v1.SetModeRequest", sessionId: id, modeId: "deep" },
    context(),
  );
  expect(parse(responseJson)).toEqual({ _meta: { ok: 1 } });
  await call.event("updateJson");
  expect(kinds(await call.halfClose().rest()).at(-1)).toBe("updateJson");
});
