import type { Clock } from "@clawmatrix/environment";
import { type CompletionPart, errorOf } from "./completion-chunk.ts";
import { resourceOf } from "./endpoint-address.ts";
import { EndpointFailure } from "./endpoint-failure.ts";
import type { HttpAgentIntroduction } from "./introduction.ts";
import { type ListedModel, modelsOf } from "./listed-models.ts";
import { readCompletion } from "./read-completion.ts";
import { readText } from "./read-text.ts";
import { type RefusedAnswer, refusedAnswer } from "./refused-answer.ts";
import { type EndpointResponse, sendRequest } from "./send-request.ts";

/** What is read of an answer that is no completion. */
const MAX_REFUSAL_BYTES = 64 * 1_024;
/** What is shown of it, in characters. */
const SHOWN_CHARACTERS = 300;
/** What is shown of a failure that the endpoint words in the middle of an answer, in characters. */
const MAX_MESSAGE_CHARACTERS = 1_000;
/** A list of some ten thousand models. */
const MAX_LIST_BYTES = 8 * 1_048_576;
/** Shorter values are words rather than secrets, and leaving them out would make errors hard to read. */
const SECRET_CHARACTERS = 6;

/** The endpoint, and its two requests. Nothing that it throws holds the key. */
export class Endpoint {
  readonly #introduction: HttpAgentIntroduction;
  readonly #clock: Clock;
  /** Some servers refuse what they do not know, and know nothing of usage in streams. */
  #asksForUsage = true;

  constructor(introduction: HttpAgentIntroduction, clock: Clock) {
    this.#introduction = introduction;
    this.#clock = clock;
  }

  get model(): string {
    return this.#introduction.model;
  }

  /** What the model is told before every conversation. */
  get system(): string {
    return this.#introduction.system;
  }

  /** The models that it lists; undefined if it has no such list. @throws EndpointFailure */
  async models(signal: AbortSignal): Promise<ListedModel[] | undefined> {
    const { silenceMs } = this.#introduction;
    const url = resourceOf(this.#introduction.url, "models");
    const response = await this.#send(url, signal);
    if (response.status === 404 || response.status === 405 || response.status === 501) {
      await readText(response, { maxBytes: 0, silenceMs });
      return undefined;
    }
    if (response.status !== 200) throw await this.#refusal(url, response);
    return modelsOf(await readText(response, { maxBytes: MAX_LIST_BYTES, silenceMs }));
  }

  /** The answer to a conversation, as it streams. @throws EndpointFailure */
  async *complete(messages: readonly object[], signal: AbortSignal): AsyncGenerator<CompletionPart, void> {
    const { silenceMs } = this.#introduction;
    const url = resourceOf(this.#introduction.url, "chat/completions");
    const post = (): Promise<EndpointResponse> =>
      this.#send(
        url,
        signal,
        JSON.stringify({
          model: this.model,
          messages,
          stream: true,
          ...(this.#asksForUsage && { stream_options: { include_usage: true } }),
        }),
      );
    let response = await post();
    if (response.status !== 200) {
      const refusal = await this.#refusal(url, response);
      if (!this.#asksForUsage || !refusal.message.includes("stream_options")) throw refusal;
      this.#asksForUsage = false;
      response = await post();
      if (response.status !== 200) throw await this.#refusal(url, response);
    }
    try {
      yield* readCompletion(response, { url, silenceMs });
    } catch (error) {
      if (!(error instanceof EndpointFailure)) throw error;
      throw new EndpointFailure(error.kind, this.#shown(error.message, MAX_MESSAGE_CHARACTERS), error.cause);
    }
  }

  #send(url: URL, signal: AbortSignal, body?: string): Promise<EndpointResponse> {
    const { apiKey, headers, silenceMs } = this.#introduction;
    return sendRequest({
      url,
      headers: {
        accept: body === undefined ? "application/json" : "text/event-stream, application/json",
        "user-agent": "clawmatrix",
        ...(apiKey !== "" && { authorization: `Bearer ${apiKey}` }),
        ...headers,
      },
      ...(body !== undefined && { body }),
      clock: this.#clock,
      silenceMs,
      signal,
    });
  }

  async #refusal(url: URL, response: EndpointResponse): Promise<EndpointFailure> {
    const { apiKey, model, silenceMs } = this.#introduction;
    const text = await readText(response, { maxBytes: MAX_REFUSAL_BYTES, silenceMs });
    const error = errorIn(text);
    const { location, "retry-after": retryAfter } = response.headers;
    const answer: RefusedAnswer = {
      url,
      status: response.status,
      model,
      hasKey: apiKey !== "",
      retryAfter,
      location: location === undefined ? undefined : this.#shown(location, SHOWN_CHARACTERS),
      said: this.#shown(error?.message ?? "", SHOWN_CHARACTERS),
      code: error?.code ?? "",
    };
    return refusedAnswer(answer);
  }

  /** Something of the endpoint's own words: on one line, cut, and without the secrets that some repeat in them. */
  #shown(text: string, maxCharacters: number): string {
    const { apiKey, headers } = this.#introduction;
    const secrets = [apiKey, ...Object.values(headers)].filter(({ length }) => length >= SECRET_CHARACTERS);
    const plain = secrets.reduce((all, secret) => all.replaceAll(secret, "…"), text);
    const line = plain.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
    return line.length <= maxCharacters ? line : `${line.slice(0, maxCharacters - 1)}…`;
  }
}

/** What an answer says of an error, if it is JSON. A page for people says nothing that helps. */
function errorIn(text: string): ReturnType<typeof errorOf> {
  try {
    return errorOf(JSON.parse(text));
  } catch {
    const isPage = /^\s*</.test(text);
    return isPage ? undefined : { message: text, code: "" };
  }
}
