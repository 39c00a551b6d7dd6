import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A request that arrived, with its body as JSON. */
export interface ChatRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: {
    readonly model?: string;
    readonly messages?: readonly { readonly role: string; readonly content: unknown }[];
    readonly stream_options?: object;
  };
}

/** How a completion is answered. */
export type Answer = (response: ServerResponse, request: ChatRequest) => void | Promise<void>;

/** A server with chat completions, on loopback. */
export class ChatServer {
  /** What was posted, in order. */
  readonly requests: ChatRequest[] = [];
  /** How the next completions are answered. */
  answer: Answer = (response) => stream(response, ["hello"]);
  /** The answer to GET /v1/models; undefined: 404. */
  models: object | undefined = { data: [{ id: "tiny", max_model_len: 4_096 }, { id: "other" }] };
  modelsStatus = 200;
  /** Requests of which the client has gone before they were answered. */
  abandoned = 0;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #listeners = new Set<() => void>();

  /** One that stops when the test has ended. */
  static async start(): Promise<ChatServer> {
    const server = await ChatServer.listen();
    onTestFinished(() => server.stop());
    return server;
  }

  /** One for several tests; whoever starts it stops it. */
  static async listen(): Promise<ChatServer> {
    const server = new ChatServer();
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  /** The messages of the latest request. */
  get messages(): readonly { readonly role: string; readonly content: unknown }[] {
    return this.requests.at(-1)?.body.messages ?? [];
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Resolves as soon as what has happened here makes it true. The test's own deadline ends the wait. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        const listener = (): void => {
          this.#listeners.delete(listener);
          resolve();
        };
        this.#listeners.add(listener);
      });
    }
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on("close", () => {
      if (!response.writableFinished) this.abandoned++;
      this.#changed();
    });
    if (incoming.method === "GET") {
      const status = this.models === undefined ? 404 : this.modelsStatus;
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(this.models ?? { error: { message: "no such page" } }));
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = "", url: path = "", headers } = incoming;
    const request = { method, path, headers, body: JSON.parse(Buffer.concat(chunks).toString()) };
    this.requests.push(request);
    this.#changed();
    await this.answer(response, request);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Begins a stream of events. */
export function begin(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
}

export function event(response: ServerResponse, value: unknown): void {
  response.write(`data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`);
}

export function delta(response: ServerResponse, values: object, finish: string | null = null): void {
  event(response, {
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta: values, finish_reason: finish }],
  });
}

/** A whole answer: these texts, why it stops, and what was used. */
export function stream(
  response: ServerResponse,
  texts: readonly string[],
  finish = "stop",
  usage?: object,
): void {
  begin(response);
  for (const content of texts) delta(response, { content });
  delta(response, {}, finish);
  if (usage !== undefined) event(response, { choices: [], usage });
  event(response, "[DONE]");
  response.end();
}

/** A refusal, in OpenAI's form. */
export function refuse(
  status: number,
  error: object,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify({ error }));
  };
}
