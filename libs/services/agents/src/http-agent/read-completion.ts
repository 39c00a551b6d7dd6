import { createParser } from "eventsource-parser";
import { type CompletionPart, errorOf, partsOf } from "./completion-chunk.ts";
import { shown } from "./endpoint-address.ts";
import { EndpointFailure } from "./endpoint-failure.ts";
import { readText } from "./read-text.ts";
import type { EndpointResponse } from "./send-request.ts";

export interface ReadCompletionOptions {
  readonly url: URL;
  /** For how long the endpoint may be silent, in milliseconds. */
  readonly silenceMs: number;
}

/** One event of a stream; a token or two, except where a model sends a tool's whole input at once. */
const MAX_EVENT_CHARACTERS = 4 * 1_048_576;
/** A whole answer, as it comes: far more than any model writes. */
const MAX_ANSWER_BYTES = 64 * 1_048_576;
/** How long the end of the stream may take once the model has said why it stopped: usage follows, if anything. */
const END_MS = 5_000;

/**
 * The answer, as it streams; or all at once, from an endpoint that does not stream.
 * @throws EndpointFailure if it is no completion, breaks off, falls silent, or never ends.
 */
export async function* readCompletion(
  response: EndpointResponse,
  { url, silenceMs }: ReadCompletionOptions,
): AsyncGenerator<CompletionPart, void> {
  const type = response.headers["content-type"] ?? "";
  if (/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) {
    const text = await readText(response, { maxBytes: MAX_ANSWER_BYTES, silenceMs });
    return yield* readChunk(text, url);
  }
  if (!/^text\/event-stream\b/i.test(type)) {
    const what = type === "" ? "no content type" : JSON.stringify(type.slice(0, 100));
    throw new EndpointFailure(
      "request",
      `${shown(url)} answered with ${what} and not with a completion: \`url\` of the agent goes up to the version, mostly /v1`,
    );
  }
  let finished = false;
  for await (const event of events(response, url, () =>
    finished ? Math.min(END_MS, silenceMs) : silenceMs,
  )) {
    if (event === "[DONE]") return;
    for (const part of readChunk(event, url)) {
      finished ||= part.kind === "finish";
      yield part;
    }
  }
  if (!finished) throw new EndpointFailure("broken", `${shown(url)} broke off in the middle of its answer`);

  async function* events(
    from: EndpointResponse,
    at: URL,
    allowedMs: () => number,
  ): AsyncGenerator<string, void> {
    const waiting: string[] = [];
    const decoder = new TextDecoder();
    let tooLong = false;
    const parser = createParser({
      maxBufferSize: MAX_EVENT_CHARACTERS,
      onEvent: ({ data }) => waiting.push(data),
      // Fields that are none of the format's are passed over, as the format wants it.
      onError: ({ type: problem }) => {
        tooLong ||= problem === "max-buffer-size-exceeded";
      },
    });
    let bytes = 0;
    try {
      for await (const chunk of from.chunks(allowedMs)) {
        bytes += chunk.length;
        parser.feed(decoder.decode(chunk, { stream: true }));
        if (tooLong || bytes > MAX_ANSWER_BYTES)
          throw new EndpointFailure("broken", `${shown(at)} sent an answer without end`);
        yield* waiting.splice(0);
      }
    } catch (error) {
      // Whoever has said why he stopped has said everything.
      if (!finished || !(error instanceof EndpointFailure)) throw error;
    }
  }
}

function readChunk(text: string, url: URL): CompletionPart[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new EndpointFailure("broken", `${shown(url)} sent an answer that is not JSON`, error);
  }
  const parts = partsOf(value);
  const error = parts.length === 0 ? errorOf(value) : undefined;
  if (error === undefined) return parts;
  const said = error.message === "" ? error.code : error.message;
  throw new EndpointFailure("broken", `${shown(url)} failed in the middle of its answer; it says: ${said}`);
}
