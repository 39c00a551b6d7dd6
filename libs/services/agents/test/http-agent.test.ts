import { readdirSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SessionEventInit } from "@clawmatrix/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type AgentSettings,
  type AgentsService,
  HTTP_AGENT_KEY,
  type HttpAgentIntroduction,
  MemoryEventLog,
  MemorySessionStore,
} from "../src/index.ts";
import {
  agent,
  bodyOf,
  context,
  json,
  kinds,
  open,
  PromptCall,
  parse,
  serve,
  startService,
  temporaryDirectory,
  text,
  transcript,
  turn,
  updates,
} from "./agents-harness.ts";
import { begin, ChatServer, delta, event, refuse, stream } from "./chat-server.ts";

const HTTP_AGENT = fileURLToPath(new URL("../src/http-agent/main.ts", import.meta.url));
const KEY = "sk-very-secret-key";

interface Told extends Partial<HttpAgentIntroduction> {
  readonly settings?: Partial<AgentSettings>;
}

async function endpoint(
  server: ChatServer | string,
  { settings, ...told }: Told = {},
): Promise<AgentSettings> {
  const introduction: HttpAgentIntroduction = {
    url: typeof server === "string" ? server : server.url,
    model: "tiny",
    apiKey: KEY,
    headers: {},
    system: "",
    silenceMs: 5_000,
    stateDirectory: told.stateDirectory ?? (await temporaryDirectory()),
    ...told,
  };
  return agent([process.execPath, HTTP_AGENT], {
    introduction: { key: HTTP_AGENT_KEY, values: async () => ({ ...introduction }) },
    serve: [],
    ...settings,
  });
}

// Most tests have a session of their own in one process: to start one takes longer than all that they do.
let shared: { server: ChatServer; service: AgentsService; stateDirectory: string };
beforeAll(async () => {
  const server = await ChatServer.listen();
  const stateDirectory = await mkdtemp(join(tmpdir(), "clawmatrix-chat-"));
  const settings = await endpoint(server, { stateDirectory, settings: { maxSessions: 100 } });
  shared = { server, service: await startService([settings]), stateDirectory };
});
afterAll(async () => {
  await shared.service.stop();
  shared.server.stop();
  await rm(shared.stateDirectory, { recursive: true });
});

async function session() {
  const { server, service } = shared;
  server.requests.length = 0;
  server.abandoned = 0;
  server.answer = (response) => stream(response, ["hello"]);
  return { server, service, id: (await open(service)).id };
}

/** A session of a process of its own. */
async function ownSession(told: Told) {
  const server = await ChatServer.start();
  const service = await serve([await endpoint(server, told)]);
  return { server, service, id: (await open(service)).id };
}

function promptWith(service: AgentsService, sessionId: string, blocks: readonly object[]) {
  return new PromptCall(service)
    .send({ case: "start", value: { sessionId, promptJson: json(blocks) } })
    .halfClose()
    .rest();
}

function failure(events: readonly SessionEventInit[]): string {
  return bodyOf(events, "turnFailed").message ?? "";
}

describe("an agent that is an endpoint", () => {
  it("streams the answer, its thoughts apart, and says what was used", async () => {
    const { server, service, id } = await ownSession({ system: "Be brief.", headers: { "X-Team": "tools" } });
    server.answer = (response) => {
      begin(response);
      delta(response, { role: "assistant", content: "" });
      delta(response, { reasoning_content: "hm " });
      delta(response, { reasoning: "well" });
      delta(response, { content: "hel" });
      delta(response, { content: "lo ü" });
      delta(response, {}, "stop");
      event(response, {
        choices: [],
        usage: {
          prompt_tokens: 7,
          completion_tokens: 5,
          total_tokens: 12,
          completion_tokens_details: { reasoning_tokens: 2 },
        },
      });
      event(response, "[DONE]");
      response.end();
    };
    const events = await turn(service, id, "hi there");
    expect(text(events)).toBe("hello ü");
    expect(updates(events)).toContainEqual({ sessionUpdate: "session_info_update", title: "hi there" });
    expect(updates(events)).toContainEqual({
      sessionUpdate: "agent_thought_chunk",
      content: { type: "text", text: "hm " },
    });
    expect(updates(events)).toContainEqual({ sessionUpdate: "usage_update", used: 12, size: 4_096 });
    expect(parse(bodyOf(events, "turnEnded").responseJson)).toEqual({
      stopReason: "end_turn",
      usage: { inputTokens: 7, outputTokens: 5, totalTokens: 12, thoughtTokens: 2 },
    });
    expect(server.requests[0]).toMatchObject({
      path: "/v1/chat/completions",
      headers: { authorization: `Bearer ${KEY}`, "x-team": "tools" },
      body: {
        model: "tiny",
        stream: true,
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "hi there" },
        ],
      },
    });
  });

  it("sends what was said before, and images and resources in the form that models take", async () => {
    const { server, service, id } = await session();
    await turn(service, id, "first");
    await promptWith(service, id, [
      { type: "text", text: "look" },
      { type: "image", mimeType: "image/png", data: "AAAA" },
      { type: "resource", resource: { uri: "file:///a.txt", text: "inside" } },
      { type: "resource", resource: { uri: "file:///b.png", mimeType: "image/png", blob: "BBBB" } },
      { type: "resource_link", name: "notes", uri: "file:///notes.md" },
    ]);
    expect(server.messages).toEqual([
      { role: "user", content: "first" },
      { role: "assistant", content: "hello" },
      {
        role: "user",
        content: [
          { type: "text", text: "look" },
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
          { type: "text", text: '<resource uri="file:///a.txt">\ninside\n</resource>' },
          { type: "image_url", image_url: { url: "data:image/png;base64,BBBB" } },
          { type: "text", text: "[notes](file:///notes.md)" },
        ],
      },
    ]);
  });

  it.each([
    ["length", "max_tokens"],
    ["content_filter", "refusal"],
    ["eos", "end_turn"],
  ])("takes the end by %s for %s", async (finish, stopReason) => {
    const { server, service, id } = await session();
    server.answer = (response) => stream(response, ["so far"], finish);
    expect(bodyOf(await turn(service, id, "go"), "turnEnded")).toMatchObject({ stopReason });
  });

  it("shows tools that the model wants called as failed, and calls none", async () => {
    const { server, service, id } = await session();
    server.answer = (response) => {
      begin(response);
      const call = (values: object) => ({ tool_calls: [{ index: 0, ...values }] });
      delta(response, call({ id: "c1", function: { name: "rm", arguments: '{"path":' } }));
      delta(response, call({ function: { arguments: '"/"}' } }), "tool_calls");
      event(response, "[DONE]");
      response.end();
    };
    const events = await turn(service, id, "go");
    expect(updates(events)).toContainEqual(
      expect.objectContaining({
        sessionUpdate: "tool_call",
        toolCallId: "c1",
        title: "rm",
        status: "failed",
        rawInput: { path: "/" },
      }),
    );
    expect(bodyOf(events, "turnEnded")).toMatchObject({ stopReason: "end_turn" });
  });

  it("takes an answer that comes all at once, from an endpoint that does not stream", async () => {
    const { server, service, id } = await session();
    server.answer = (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ choices: [{ message: { content: "at once" }, finish_reason: "stop" }] }));
    };
    expect(text(await turn(service, id, "go"))).toBe("at once");
  });

  it("takes events in pieces of two bytes, with comments, other fields and other line ends", async () => {
    const { server, service, id } = await session();
    server.answer = async (response) => {
      begin(response);
      const chunk = (content: string, finish: string | null) =>
        JSON.stringify({ choices: [{ delta: { content }, finish_reason: finish }] });
      const bytes = Buffer.from(
        `: keep alive\r\n\r\nevent: x\r\nid: 7\r\ndata: ${chunk("gr", null)}\r\n\r\ndata:${chunk("üß 💥", "stop")}\n\n`,
      );
      for (let at = 0; at < bytes.length; at += 2) {
        response.write(bytes.subarray(at, at + 2));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    };
    expect(text(await turn(service, id, "go"))).toBe("grüß 💥");
  });

  it("asks again without usage where the endpoint does not know of it, and then no more", async () => {
    const { server, service, id } = await session();
    server.answer = (response, request) => {
      if (request.body.stream_options === undefined) return stream(response, ["ok"]);
      return refuse(422, { message: "Unknown field: stream_options" })(response, request);
    };
    expect(text(await turn(service, id, "one"))).toBe("ok");
    expect(text(await turn(service, id, "two"))).toBe("ok");
    expect(server.requests.map(({ body }) => body.stream_options !== undefined)).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe("a turn that is cancelled", () => {
  it("ends its request, and what was said until then stays", async () => {
    const { server, service, id } = await session();
    server.answer = (response) => {
      begin(response);
      delta(response, { content: "half" });
    };
    const call = new PromptCall(service).prompt(id, "go");
    await call.event("updateJson");
    await server.until(() => server.requests.length === 1);
    call.send({ case: "cancel", value: {} }).halfClose();
    const events = await call.rest();
    expect(bodyOf(events, "turnEnded")).toMatchObject({ stopReason: "cancelled" });
    await server.until(() => server.abandoned === 1);

    server.answer = (response) => stream(response, ["on"]);
    await turn(service, id, "go on");
    const said = text(events);
    expect(server.messages).toEqual(
      said === ""
        ? [{ role: "user", content: "go\ngo on" }]
        : [
            { role: "user", content: "go" },
            { role: "assistant", content: said },
            { role: "user", content: "go on" },
          ],
    );
  });
});

describe("an endpoint that does not do its part", () => {
  it.each([
    [
      "a key that is wrong",
      refuse(401, { message: `Incorrect API key provided: ${KEY}` }),
      /refused the key \(401\); it says: Incorrect API key provided: …\. Correct `api_key`/,
    ],
    [
      "a model that is not there",
      refuse(404, { message: 'model "tiny" not found, try pulling it first' }),
      /does not know the model tiny \(404\); it says: model "tiny" not found.*`agents check`|does not know the model tiny \(404\).*clawmatrix agents check/,
    ],
    [
      "an address that is wrong",
      refuse(404, { message: "Not Found" }),
      /nothing at http.*\/v1\/chat\/completions.*chatCompletions\.enabled/,
    ],
    [
      "too many requests",
      refuse(429, { message: "slow down" }, { "retry-after": "20" }),
      /takes no more requests for now \(429\); it says: slow down\. Try again in 20 s\./,
    ],
    [
      "an error of its own",
      refuse(503, { message: "overloaded" }, { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }),
      /failed \(503\); it says: overloaded\. Try again after 2026-10-21T07:28:00/,
    ],
    [
      "a conversation that is too long",
      refuse(400, { message: "This model's maximum context length is 4096 tokens" }),
      /longer than tiny takes.*Open a new session\./,
    ],
    [
      "a redirect, along which the key would go",
      refuse(307, {}, { location: "http://elsewhere.example/" }),
      /Redirects are not followed.*elsewhere\.example/,
    ],
    [
      "a page for people",
      (response) => {
        response.writeHead(200, { "content-type": "text/html" });
        response.end("<html>");
      },
      /answered with "text\/html" and not with a completion: `url`/,
    ],
    [
      "events that are not JSON",
      (response) => {
        begin(response);
        event(response, "{nonsense");
        response.end();
      },
      /sent an answer that is not JSON/,
    ],
    [
      "an error in the middle",
      (response) => {
        begin(response);
        delta(response, { content: "so" });
        event(response, { error: { message: "out of memory" } });
        response.end();
      },
      /failed in the middle of its answer; it says: out of memory/,
    ],
    [
      "a stream that ends without a reason",
      (response) => {
        begin(response);
        delta(response, { content: "so" });
        response.end();
      },
      /broke off in the middle of its answer/,
    ],
    [
      "a connection that is cut",
      (response) => {
        begin(response);
        response.write('data: {"choices":[{"delta":{"content":"so"}}]}\n\n', () =>
          response.socket?.destroy(),
        );
      },
      /broke off in the middle of its answer/,
    ],
    [
      "an event without end",
      (response) => {
        begin(response);
        const piece = "x".repeat(1_048_576);
        response.write("data: ");
        const more = (): void => {
          if (!response.destroyed) response.write(piece, more);
        };
        more();
      },
      /sent an answer without end/,
    ],
  ] as [string, ChatServer["answer"], RegExp][])(
    "is told with the way out: %s",
    async (_, answer, message) => {
      const { server, service, id } = await session();
      server.answer = answer;
      const events = await turn(service, id, "go");
      expect(failure(events)).toMatch(message);
      expect(JSON.stringify(events.map(({ body }) => body))).not.toContain(KEY);
      // The session goes on.
      server.answer = (response) => stream(response, ["better"]);
      expect(text(await turn(service, id, "again"))).toBe("better");
    },
  );

  it("is given up when it falls silent, before or in its answer, but not while it says that it lives", async () => {
    const { server, service, id } = await ownSession({ silenceMs: 300 });
    server.answer = () => undefined;
    expect(failure(await turn(service, id, "go"))).toMatch(/said nothing for 0\.3 s.*`timeout`/);
    server.answer = (response) => {
      begin(response);
      delta(response, { content: "so" });
    };
    const events = await turn(service, id, "go");
    expect(text(events)).toBe("so");
    expect(failure(events)).toMatch(/said nothing for 0\.3 s/);
    await server.until(() => server.abandoned === 2);
    server.answer = async (response) => {
      begin(response);
      for (let beat = 0; beat < 4; beat++) {
        response.write(": alive\n\n");
        await new Promise((resolve) => setTimeout(resolve, 120));
      }
      delta(response, { content: "late" }, "stop");
      event(response, "[DONE]");
      response.end();
    };
    expect(text(await turn(service, id, "go"))).toBe("late");
  });

  it("has nobody at its address", async () => {
    const server = await ChatServer.start();
    const { url } = server;
    server.stop();
    const service = await serve([await endpoint(url)]);
    const { id } = await open(service);
    expect(failure(await turn(service, id, "go"))).toMatch(/nothing listens at 127\.0\.0\.1:\d+ .*`url`/);
  });
});

describe("its conversations", () => {
  it("outlive the process and the node, in files that only their owner can read", async () => {
    const server = await ChatServer.start();
    const stateDirectory = await temporaryDirectory();
    const settings = await endpoint(server, { stateDirectory });
    const kept = { eventLog: new MemoryEventLog(), sessionStore: new MemorySessionStore() };
    const before = await serve([settings], kept);
    const { id } = await open(before);
    await turn(before, id, "my name is Ada");
    await before.stop();

    const after = await serve([settings], kept);
    const events = await turn(after, id, "what is my name?");
    expect(kinds(events)).toContain("reopened");
    expect(server.messages).toEqual([
      { role: "user", content: "my name is Ada" },
      { role: "assistant", content: "hello" },
      { role: "user", content: "what is my name?" },
    ]);
    const [file = "", ...others] = readdirSync(stateDirectory);
    expect(others).toEqual([]);
    expect(statSync(join(stateDirectory, file)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(stateDirectory, file), "utf8")).not.toContain(KEY);
  });
});

describe("its conversations, where the node knows nothing of them", () => {
  it("are loaded with all that was said", async () => {
    const server = await ChatServer.start();
    const stateDirectory = await temporaryDirectory();
    const settings = await endpoint(server, { stateDirectory });
    const before = await serve([settings]);
    await turn(before, (await open(before)).id, "hi");
    await before.stop();
    const agentSessionId = readdirSync(stateDirectory)[0]?.replace(".jsonl", "") ?? "";

    const after = await serve([settings]);
    const { id } = await open(after, { kind: { case: "agentSessionId", value: agentSessionId } });
    const events = await transcript(after, id);
    expect(updates(events)).toContainEqual({
      sessionUpdate: "user_message_chunk",
      content: { type: "text", text: "hi" },
    });
    expect(text(events)).toBe("hello");
    await expect(
      open(after, { kind: { case: "agentSessionId", value: `chat-${"0".repeat(32)}` } }),
    ).rejects.toThrow(/not found/i);
  });
});

describe("its key", () => {
  it.skipIf(process.platform !== "linux")(
    "stands neither among arguments nor in the environment",
    async () => {
      const { service, id } = await session();
      await turn(service, id, "go");
      const ours = readdirSync("/proc").filter((name) => {
        try {
          return readFileSync(`/proc/${name}/cmdline`, "latin1").includes(HTTP_AGENT);
        } catch {
          return false;
        }
      });
      expect(ours.length).toBeGreaterThan(0);
      for (const pid of ours) {
        expect(readFileSync(`/proc/${pid}/cmdline`, "latin1")).not.toContain(KEY);
        expect(readFileSync(`/proc/${pid}/environ`, "latin1")).not.toContain(KEY);
      }
    },
  );
});

describe("what the configuration says of it", () => {
  it("holds for new sessions once it has changed, while those that run go on", async () => {
    const server = await ChatServer.start();
    const settings = await endpoint(server, { settings: { startedWith: "one" } });
    const service = await serve([settings]);
    const { id: before } = await open(service);
    const changed = await endpoint(server, { model: "other", settings: { startedWith: "two" } });
    service.reconfigure([changed]);
    const { id: after } = await open(service);
    await turn(service, before, "go");
    await turn(service, after, "go");
    expect(server.requests.map(({ body }) => body.model)).toEqual(["tiny", "other"]);
  });

  it("leads through the proxy of the environment, but to nothing on this machine", async () => {
    const proxy = await ChatServer.start();
    const env = { HTTP_PROXY: new URL(proxy.url).origin, NO_PROXY: "" };
    const service = await serve([await endpoint("http://models.example/v1", { settings: { env } })]);
    const { id } = await open(service);
    expect(text(await turn(service, id, "go"))).toBe("hello");
    expect(proxy.requests[0]?.path).toBe("http://models.example/v1/chat/completions");

    const server = await ChatServer.start();
    const direct = await serve([await endpoint(server, { settings: { env } })]);
    expect(text(await turn(direct, (await open(direct)).id, "go"))).toBe("hello");
    expect(server.requests[0]?.path).toBe("/v1/chat/completions");
  });
});

describe("a check of it", () => {
  const check = async (service: AgentsService) => {
    const phases: { phase?: string; error?: string; response?: unknown }[] = [];
    const request = { $typeName: "clawmatrix.v1.CheckAgentRequest" as const, agentId: "coder" };
    for await (const { phase, error, responseJson } of service.checkAgent(request, context()))
      phases.push({
        ...(phase && { phase }),
        ...(error && { error }),
        ...(responseJson?.length && { response: parse(responseJson) }),
      });
    return phases;
  };

  it("shows that it answers, and its models, and asks no model anything", async () => {
    const server = await ChatServer.start();
    const phases = await check(await serve([await endpoint(server)]));
    expect(phases.map(({ phase }) => phase)).toEqual([
      "start",
      "initialize",
      "endpoint",
      "session/new",
      "session/close",
    ]);
    expect(phases[2]?.response).toEqual({
      endpoint: `${server.url}/chat/completions`,
      model: "tiny",
      models: ["tiny", "other"],
      listed: true,
    });
    expect(server.requests).toEqual([]);
  });

  it("fails where it refuses the key, and not where it lists no models", async () => {
    const server = await ChatServer.start();
    const service = await serve([await endpoint(server)]);
    server.modelsStatus = 401;
    expect((await check(service)).at(-1)).toMatchObject({
      phase: "endpoint",
      error: expect.stringMatching(/refused the key/),
    });
    server.models = undefined;
    const phases = await check(service);
    expect(phases[2]?.response).toEqual({ endpoint: `${server.url}/chat/completions`, model: "tiny" });
    expect(phases.at(-1)).toMatchObject({ phase: "session/close" });
  });
});

it("an agent that was told nothing of an endpoint says so", async () => {
  const service = await serve([agent([process.execPath, HTTP_AGENT], { directories: [tmpdir()] })]);
  await expect(open(service)).rejects.toThrow(/a ClawMatrix node has to tell it/);
});
