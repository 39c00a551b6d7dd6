import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
} from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { Clock } from "@clawmatrix/environment";
import { isLoopback, shown } from "./endpoint-address.ts";
import { EndpointFailure } from "./endpoint-failure.ts";
import { describeNetworkError } from "./network-error.ts";

export interface SendRequestOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON to be posted; undefined: a GET. */
  readonly body?: string;
  readonly clock: Clock;
  /** For how long the endpoint may say nothing, in milliseconds. */
  readonly silenceMs: number;
  /** Ends the request, and the reading of its answer. */
  readonly signal: AbortSignal;
}

export interface EndpointResponse {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: IncomingMessage["headers"];
  /**
   * What comes, as it comes; nothing is read ahead of who asks. `silenceMs` is looked at for each piece.
   * @throws EndpointFailure if it breaks off or falls silent.
   */
  chunks(silenceMs: () => number): AsyncGenerator<Buffer, void>;
}

/**
 * Makes one request on a connection of its own: none that has gone stale meanwhile is used again. Redirects are not
 * followed, since the key would go along to wherever they lead.
 * @throws EndpointFailure if no answer begins.
 */
export async function sendRequest(options: SendRequestOptions): Promise<EndpointResponse> {
  const { url, body, clock, silenceMs } = options;
  const outgoing = open(options);
  const answered = Promise.withResolvers<IncomingMessage>();
  outgoing.once("response", answered.resolve);
  outgoing.on("error", answered.reject);
  const silence = clock.schedule(silenceMs, () => outgoing.destroy(silent(url, silenceMs)), {
    keepAlive: true,
  });
  try {
    outgoing.end(body);
    const incoming = await answered.promise;
    return {
      status: incoming.statusCode ?? 0,
      headers: incoming.headers,
      chunks: (allowedMs) => chunksOf(incoming, { url, clock, allowedMs }),
    };
  } catch (error) {
    if (error instanceof EndpointFailure) throw error;
    throw new EndpointFailure("unreachable", describeNetworkError(url, error), error);
  } finally {
    silence.cancel();
  }
}

function open({ url, headers, body, signal }: SendRequestOptions): ClientRequest {
  const secure = url.protocol === "https:";
  const agentOptions = isLoopback(url) ? {} : { proxyEnv: process.env };
  try {
    return (secure ? requestHttps : requestHttp)(url, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        ...headers,
        ...(body !== undefined && {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
        }),
      },
      agent: secure ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions),
      signal,
    });
  } catch {
    // The error of Node may hold the value.
    throw new EndpointFailure(
      "key",
      "`api_key` or a header of the agent holds characters that no header may have, such as a line break: correct it in the configuration",
    );
  }
}

async function* chunksOf(
  incoming: IncomingMessage,
  { url, clock, allowedMs }: { url: URL; clock: Clock; allowedMs: () => number },
): AsyncGenerator<Buffer, void> {
  const pieces = incoming[Symbol.asyncIterator]();
  try {
    for (;;) {
      // Only while somebody waits: a reader who is slow does not make the endpoint silent.
      const limitMs = allowedMs();
      const timer = clock.schedule(limitMs, () => incoming.destroy(silent(url, limitMs)), {
        keepAlive: true,
      });
      const next = await pieces.next().finally(() => timer.cancel());
      if (next.done === true) return;
      yield next.value as Buffer;
    }
  } catch (error) {
    if (error instanceof EndpointFailure) throw error;
    throw new EndpointFailure("broken", `${shown(url)} broke off in the middle of its answer`, error);
  } finally {
    incoming.destroy();
  }
}

function silent(url: URL, silenceMs: number): EndpointFailure {
  return new EndpointFailure(
    "broken",
    `${shown(url)} said nothing for ${silenceMs / 1_000} s and was given up; \`timeout\` of the agent in the configuration allows longer`,
  );
}
