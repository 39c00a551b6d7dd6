import { once } from "node:events";
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Home, Homes } from "./homes.ts";

const KEY = "sk-of-the-endpoint";

interface Message {
  readonly role: string;
  readonly content: string;
}

/** An endpoint that counts what it was told, in two pieces, and wants its key. */
const received: { key: string | undefined; messages: Message[] }[] = [];
const endpoint: Server = createServer(async (request, response) => {
  if (request.headers.authorization !== `Bearer ${KEY}`) {
    response.writeHead(401, { "content-type": "application/json" });
    return void response.end(JSON.stringify({ error: { message: `no: ${request.headers.authorization}` } }));
  }
  if (request.url === "/v1/models") {
    response.writeHead(200, { "content-type": "application/json" });
    return void response.end(JSON.stringify({ data: [{ id: "counter" }] }));
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { messages } = JSON.parse(Buffer.concat(chunks).toString()) as { messages: Message[] };
  received.push({ key: request.headers.authorization, messages });
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const content of ["messages: ", String(messages.length)])
    response.write(`data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`);
  response.write(`data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: "stop" }] })}\n\n`);
  response.end("data: [DONE]\n\n");
});

const homes = new Homes();
let home: Home;
let url: string;
beforeAll(async () => {
  endpoint.listen(0, "127.0.0.1");
  await once(endpoint, "listening");
  url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/v1`;
  home = homes.home("node");
  await home.ok("init", "--name", "node");
  appendFileSync(
    join(home.path, "config.toml"),
    `
[[agents]]
id = "assistant"
url = "${url}"
model = "counter"
api_key = { command = ["echo", "${KEY}"] }

[[agents]]
id = "demo"
command = ["clawmatrix", "demo-agent"]
directories = ["${homes.directory}"]

[[agents.permissions]]
title = "echo *"
action = "allow"

[[agents.permissions]]
kind = ["execute"]
action = "deny"
`,
  );
  await home.ok("up", "--detach");
});
afterAll(async () => {
  endpoint.close();
  endpoint.closeAllConnections();
  await homes[Symbol.asyncDispose]();
});

describe("an endpoint that the configuration names as an agent", () => {
  it("is listed, checked and used like any other", async () => {
    expect(await home.json("agents")).toContainEqual(
      expect.objectContaining({ id: "assistant", state: "ready" }),
    );
    const check = await home.ok("agents", "check", "assistant");
    expect(check).toMatch(/✓ endpoint +\d+ ms\n {4}counter at http.*\/v1\/chat\/completions\n/);
    const { stdout, code } = await home.run(["run", "assistant@node", "hello"]);
    expect(stdout).toBe("messages: 1\n");
    expect(code).toBe(0);
    expect(received.at(-1)?.messages).toEqual([{ role: "user", content: "hello" }]);
  });

  it("goes on with its conversation after the node was restarted", async () => {
    const { id } = await home.json<{ id: string }>("session", "new", "assistant");
    await home.ok("session", "prompt", id, "my name is Ada");
    await home.ok("down");
    await home.ok("up", "--detach");
    await home.ok("session", "resume", id);
    expect(await home.ok("session", "prompt", id, "who am I?")).toBe("messages: 3\n");
    expect(received.at(-1)?.messages.map(({ content }) => content)).toEqual([
      "my name is Ada",
      "messages: 1",
      "who am I?",
    ]);
  });

  it("shows its key nowhere", async () => {
    const running = [...homes.processes()].filter(([, command]) => command.includes("http-agent"));
    if (process.platform === "linux") expect(running.length).toBeGreaterThan(0);
    for (const [pid, command] of running) {
      expect(command).not.toContain(KEY);
      expect(readFileSync(`/proc/${pid}/environ`, "latin1")).not.toContain(KEY);
    }
    const written = readdirSync(home.path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== "config.toml")
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
    expect(written.join("\n")).not.toContain(KEY);
  });

  it("is added by its address, and says what is wrong with its key", async () => {
    await home.ok(
      "agents",
      "add",
      "mine",
      "--url",
      url,
      "--model",
      "counter",
      "--api-key-env",
      "NO_SUCH_KEY",
    );
    const unset = await home.run(["agents", "check", "mine"]);
    expect(unset.stderr).toContain("agents.mine.api_key comes from the environment variable NO_SUCH_KEY");
    await home.ok("agents", "remove", "mine");
    await home.ok("agents", "add", "mine", "--url", url, "--model", "counter");
    const refused = await home.run(["agents", "check", "mine"]);
    expect(refused.stderr).toMatch(/wants a key \(401\).*Give it `api_key`/);
    expect(refused.code).toBe(1);
    const { stderr, code } = await home.run(["agents", "add", "ollama"]);
    expect(stderr).toMatch(
      /the model that http:\/\/127\.0\.0\.1:11434\/v1 is asked for must be given\n.*--model MODEL/,
    );
    expect(code).toBe(2);
    expect(await home.json("agents", "add", "openclaw")).toEqual({
      id: "openclaw",
      url: "http://127.0.0.1:18789/v1",
      model: "openclaw:main",
    });
    expect(home.read("config.toml")).toContain('api_key = { env = "OPENCLAW_GATEWAY_TOKEN" }');
  });
});

describe("permission rules of the configuration", () => {
  it("answer for the person, and say so", async () => {
    const [allowed, denied] = await Promise.all([
      home.run(["run", "demo", "run echo hi", "--permission", "ask"]),
      home.run(["run", "demo", "run echo hi; touch denied", "--permission", "allow"]),
    ]);
    expect(allowed.stderr).toMatch(/answered by rule 1 \(allow "echo \*"\)\n {2}│ hi/);
    expect(denied.stderr).toContain("answered by rule 2 (deny execute)");
    expect(readdirSync(homes.directory)).not.toContain("denied");
  });
});
