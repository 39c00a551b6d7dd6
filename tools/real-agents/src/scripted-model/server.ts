import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { Changes } from "../changes.ts";
import { EventStream } from "./event-stream.ts";
import { type JsonObject, objectOf, textOf } from "./json.ts";
import { readMessagesRequest, streamMessage } from "./messages-api.ts";
import { readResponsesRequest, streamResponse } from "./responses-api.ts";
import { type Conversation, nextStep, type Step } from "./script.ts";

/** One request to the model and what became of its answer. */
export interface Exchange {
  readonly api: "responses" | "messages";
  readonly model: string;
  readonly conversation: Conversation;
  readonly step: Step;
  /** `abandoned`: the agent hung up before the answer was complete, as it does at a cancel. */
  outcome: "streaming" | "complete" | "abandoned";
}

/** A model server on loopback that answers from a script. */
export class ScriptedModel {
  readonly #server: Server;
  readonly #exchanges: Exchange[] = [];
  readonly #changes = new Changes();
  #requests = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        if (response.headersSent) response.destroy();
        else sendJson(response, 400, { error: { type: "invalid_request_error", message } });
      });
    });
  }

  /** Starts on a free port. */
  static async start(): Promise<ScriptedModel> {
    const model = new ScriptedModel();
    await new Promise<void>((resolve, reject) => {
      model.#server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
    return model;
  }

  /** Where it listens, without a path: `http://127.0.0.1:PORT`. */
  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Everything that was asked, oldest first. */
  get exchanges(): readonly Exchange[] {
    return this.#exchanges;
  }

  /**
   * Resolves with the first exchange that `matches`, one that has been or one that comes.
   * @throws Error after `deadlineMs`, saying what was seen instead.
   */
  async exchange(matches: (exchange: Exchange) => boolean, deadlineMs: number): Promise<Exchange> {
    return this.#changes.until(
      () => this.#exchanges.find(matches),
      deadlineMs,
      () => {
        const seen = this.#exchanges.map(({ step, outcome }) => `${step.kind} ${outcome}`).join(", ");
        return `the model waited in vain; it saw: ${seen || "nothing"}`;
      },
    );
  }

  /** Ends every answer still streaming and stops listening. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    if (request.method !== "POST") {
      sendJson(response, 404, { error: { type: "not_found_error", message: `nothing at ${pathname}` } });
      return;
    }
    const body = objectOf(await json(request));
    if (pathname === "/v1/messages/count_tokens") sendJson(response, 200, { input_tokens: 10 });
    else if (pathname === "/v1/responses") await this.#stream("responses", body, response);
    else if (pathname === "/v1/messages") await this.#stream("messages", body, response);
    else sendJson(response, 404, { error: { type: "not_found_error", message: `nothing at ${pathname}` } });
  }

  async #stream(api: Exchange["api"], body: JsonObject, response: ServerResponse): Promise<void> {
    const conversation = api === "responses" ? readResponsesRequest(body) : readMessagesRequest(body);
    const step = nextStep(conversation);
    const exchange: Exchange = { api, model: textOf(body.model), conversation, step, outcome: "streaming" };
    const id = `scripted_${++this.#requests}`;
    const hungUp = new AbortController();
    response.once("close", () => {
      exchange.outcome = response.writableFinished ? "complete" : "abandoned";
      hungUp.abort();
      this.#changes.announce();
    });
    this.#exchanges.push(exchange);
    this.#changes.announce();

    const stream = new EventStream(response, hungUp.signal);
    if (api === "responses") await streamResponse(step, id, stream);
    else await streamMessage(step, id, exchange.model, stream);
    stream.end();
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
