import { afterEach, beforeEach, expect, test } from "vitest";
import { COMMAND_ANSWER, HELLO, RECALLED, SLOW_PIECE } from "./script.ts";
import { ScriptedModel } from "./server.ts";

const DEADLINE_MS = 5_000;
const RESPONSES_TOOLS = [
  { type: "function", name: "view_image", parameters: { properties: { path: {} } } },
  {
    type: "function",
    name: "exec_command",
    parameters: { properties: { cmd: {}, sandbox_permissions: {}, justification: {} } },
  },
];
const MESSAGES_TOOLS = [{ name: "Bash", input_schema: { properties: { command: {}, description: {} } } }];

let model: ScriptedModel;

beforeEach(async () => {
  model = await ScriptedModel.start();
});
afterEach(() => model.close());

function post(path: string, body: object, signal?: AbortSignal): Promise<Response> {
  const init = { method: "POST", body: JSON.stringify({ model: "scripted", stream: true, ...body }) };
  return fetch(`${model.origin}${path}`, signal === undefined ? init : { ...init, signal });
}

/** The events of a whole answer. */
async function events(answer: Response): Promise<Record<string, unknown>[]> {
  return (await answer.text())
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => JSON.parse(line.slice("data: ".length)));
}

test("streams text over the Responses API, between created and completed", async () => {
  const input = [{ type: "message", role: "user", content: [{ type: "input_text", text: "say hello" }] }];
  const answer = await events(await post("/v1/responses", { input, tools: RESPONSES_TOOLS }));
  expect(answer.at(0)).toMatchObject({ type: "response.created" });
  expect(answer.at(-1)).toMatchObject({ type: "response.completed", response: { status: "completed" } });
  expect(answer).toContainEqual(
    expect.objectContaining({ type: "response.output_text.delta", delta: HELLO }),
  );
});

test("calls the shell tool that the agent offers, and tells what it gave back", async () => {
  const prompt = { type: "message", role: "user", content: "run a command: ls" };
  const call = await events(await post("/v1/responses", { input: [prompt], tools: RESPONSES_TOOLS }));
  const done = call.find(({ type }) => type === "response.output_item.done") as {
    item: { type: string; name: string; arguments: string };
  };
  expect(done.item).toMatchObject({ type: "function_call", name: "exec_command" });
  expect(JSON.parse(done.item.arguments)).toMatchObject({
    cmd: "ls",
    sandbox_permissions: "require_escalated",
  });

  const input = [prompt, done.item, { type: "function_call_output", call_id: "x", output: "a file" }];
  const answer = await events(await post("/v1/responses", { input, tools: RESPONSES_TOOLS }));
  expect(answer).toContainEqual(expect.objectContaining({ delta: `${COMMAND_ANSWER} a file` }));
});

test("does the same over the Messages API, past the agent's reminders", async () => {
  const reminder = { type: "text", text: "<system-reminder>say hello</system-reminder>" };
  const prompt = { role: "user", content: [{ type: "text", text: "run a command: ls" }, reminder] };
  const call = await events(await post("/v1/messages", { messages: [prompt], tools: MESSAGES_TOOLS }));
  expect(call.map(({ type }) => type)).toEqual([
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
  ]);
  expect(call[1]).toMatchObject({ content_block: { type: "tool_use", name: "Bash" } });

  const result = { role: "user", content: [{ type: "tool_result", content: "a file" }, reminder] };
  const answer = await events(
    await post("/v1/messages", { messages: [prompt, result], tools: MESSAGES_TOOLS }),
  );
  expect(answer).toContainEqual(
    expect.objectContaining({ delta: { type: "text_delta", text: `${COMMAND_ANSWER} a file` } }),
  );
});

test("recalls what the person said before, over both APIs", async () => {
  const said = (text: string) => ({ type: "message", role: "user", content: [{ type: "input_text", text }] });
  const input = [said("say hello"), { type: "message", role: "assistant", content: HELLO }, said("recall")];
  await (await post("/v1/responses", { input, tools: RESPONSES_TOOLS })).text();
  await (await post("/v1/messages", { messages: input, tools: MESSAGES_TOOLS })).text();
  const text = `${RECALLED} say hello`;
  expect(model.exchanges.map(({ step }) => step)).toEqual([
    { kind: "text", text },
    { kind: "text", text },
  ]);
});

test("keeps the script out of an agent's own errands, which quote the prompt but offer no tools", async () => {
  const messages = [{ role: "user", content: "run a command: ls" }];
  await (await post("/v1/messages", { messages })).text();
  expect(model.exchanges[0]?.step.kind).toBe("text");
});

test("streams a slow answer until the agent hangs up, and tells that it did", async () => {
  const hangUp = new AbortController();
  const messages = [{ role: "user", content: "slow" }];
  const answer = await post("/v1/messages", { messages, tools: MESSAGES_TOOLS }, hangUp.signal);
  let seen = "";
  for await (const bytes of answer.body as ReadableStream<Uint8Array>) {
    seen += new TextDecoder().decode(bytes);
    if (seen.includes(SLOW_PIECE)) break;
  }
  expect(model.exchanges[0]?.outcome).toBe("streaming");
  hangUp.abort();
  const exchange = await model.exchange(({ outcome }) => outcome === "abandoned", DEADLINE_MS);
  expect(exchange.step.kind).toBe("slow");
});

test("says what it saw when what was waited for did not come", async () => {
  await expect(model.exchange(({ api }) => api === "responses", 1)).rejects.toThrow("it saw: nothing");
});

test("answers what it does not serve, or cannot read, with the provider's error body", async () => {
  const missing = await fetch(`${model.origin}/v1/models`);
  expect(missing.status).toBe(404);
  const broken = await fetch(`${model.origin}/v1/messages`, { method: "POST", body: "{" });
  expect(broken.status).toBe(400);
  expect(await broken.json()).toMatchObject({ error: { type: "invalid_request_error" } });
});
