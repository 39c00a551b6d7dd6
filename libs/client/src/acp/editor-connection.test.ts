import { PassThrough } from "node:stream";
import { fromJson, toJson } from "@clawmatrix/acp-wire";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { EditorConnection, type EditorHandler } from "./editor-connection.ts";

const REFUSES: EditorHandler = {
  request: () => Promise.reject(new StatusError(StatusCode.UNIMPLEMENTED, "no")),
  notification: () => undefined,
};

function connected(handler: Partial<EditorHandler> = {}, output = new PassThrough()) {
  const input = new PassThrough();
  const editor = new EditorConnection({ input, output, handler: { ...REFUSES, ...handler } });
  const say = (message: object): boolean =>
    input.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const lines = async (count: number): Promise<Record<string, unknown>[]> => {
    let text = "";
    while (text.split("\n").length <= count) {
      const chunk: unknown = output.read();
      if (chunk === null) await new Promise((resolve) => output.once("readable", resolve));
      else text += String(chunk);
    }
    return text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  return { editor, input, output, say, lines };
}

test("a request that comes in pieces of two bytes is answered, its id as it was", async () => {
  const { input, lines } = connected({
    request: async (method, { bytes }) => ({ result: toJson({ method, heard: fromJson(bytes) }) }),
  });
  const line = Buffer.from('{"jsonrpc":"2.0","id":"ü-1","method":"x","params":{"a":"é"}}\r\n');
  for (let at = 0; at < line.length; at += 2) input.write(line.subarray(at, at + 2));
  expect(await lines(1)).toEqual([{ jsonrpc: "2.0", id: "ü-1", result: { method: "x", heard: { a: "é" } } }]);
});

test("what is no JSON-RPC is refused, and nothing that an editor writes ends the connection", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const { input, say, lines } = connected({
        request: async () => ({ result: toJson("alive") }),
      });
      input.write(bytes);
      input.write("\n");
      say({ id: 1, method: "ping" });
      const all = await lines(1);
      while (all.at(-1)?.id !== 1) all.push(...(await lines(1)));
      expect(all.at(-1)).toEqual({ jsonrpc: "2.0", id: 1, result: "alive" });
    }),
    { numRuns: 100 },
  );
});

test("an error says what to do, with a code that editors know", async () => {
  const { say, lines } = connected({
    request: () =>
      Promise.reject(
        new StatusError(StatusCode.FAILED_PRECONDITION, "nobody is logged in", {
          reason: "agent-login-required",
          hint: "Log in there.",
        }),
      ),
  });
  say({ id: 7, method: "session/new", params: {} });
  expect(await lines(1)).toMatchObject([
    {
      id: 7,
      error: {
        code: -32000,
        message: "nobody is logged in. Log in there.",
        data: { reason: "agent-login-required" },
      },
    },
  ]);
});

test("a request that the editor takes back is given up, and answered as cancelled", async () => {
  const { say, lines } = connected({
    request: (_method, _params, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  });
  say({ id: 3, method: "session/new" });
  say({ method: "$/cancel_request", params: { requestId: 3 } });
  expect(await lines(1)).toMatchObject([{ id: 3, error: { code: -32800 } }]);
});

test("a question is taken back, and an answer that comes after that is dropped", async () => {
  const { editor, say, lines } = connected();
  const withdraw = new AbortController();
  const asked = editor.request("session/request_permission", toJson({}), withdraw.signal);
  const [question] = await lines(1);
  withdraw.abort(new Error("answered elsewhere"));
  await expect(asked).rejects.toThrow("answered elsewhere");
  expect(await lines(1)).toMatchObject([{ method: "$/cancel_request", params: { requestId: question?.id } }]);
  say({ id: question?.id, result: {} });
  say({ id: 99, result: {} });
  say({ id: 4, method: "x" });
  expect(await lines(1)).toMatchObject([{ id: 4, error: { code: -32601 } }]);
});

test("an editor that does not read makes who tells it something wait", async () => {
  const { editor, output } = connected({}, new PassThrough({ highWaterMark: 1_000 }));
  let told = 0;
  const telling = (async () => {
    for (; told < 50; told++) await editor.notify("session/update", toJson("x".repeat(500)));
  })();
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toBeLessThan(5);
  output.resume();
  await telling;
  expect(told).toBe(50);
});

test("it ends with the editor, and says why when a line is too long to be read", async () => {
  const gone = connected();
  gone.input.end();
  await gone.editor.ended;
  const flooded = connected();
  for (let written = 0; written <= 33; written++) flooded.input.write(Buffer.alloc(1024 * 1024, "x"));
  await expect(flooded.editor.ended).rejects.toMatchObject({ reason: "line-too-long" });
});
