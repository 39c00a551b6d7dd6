import { shown } from "./endpoint-address.ts";
import { EndpointFailure } from "./endpoint-failure.ts";

/** What an endpoint answered in place of a completion. */
export interface RefusedAnswer {
  readonly url: URL;
  readonly status: number;
  readonly model: string;
  /** A key was sent. */
  readonly hasKey: boolean;
  /** Header `retry-after`, as it is. */
  readonly retryAfter: string | undefined;
  /** Header `location`. */
  readonly location: string | undefined;
  /** What it said about it, fit to be shown; may be empty. */
  readonly said: string;
  /** The machine's word for it, such as `model_not_found`; may be empty. */
  readonly code: string;
}

/** A status that is no success, with the way out. */
export function refusedAnswer(answer: RefusedAnswer): EndpointFailure {
  const { status, said } = answer;
  const { kind, what, wayOut } = explain(answer);
  const quoted = said === "" ? "" : `; it says: ${said}`;
  return new EndpointFailure(kind, `${what} (${status})${quoted}${wayOut === "" ? "" : `. ${wayOut}`}`);
}

type Explanation = { readonly kind: EndpointFailure["kind"]; readonly what: string; readonly wayOut: string };

function explain(answer: RefusedAnswer): Explanation {
  const { url, status, model, hasKey, location } = answer;
  const at = shown(url);
  if (status === 401 || status === 403) {
    const what = `${at} ${hasKey ? "refused the key" : "wants a key"}`;
    const wayOut = `${hasKey ? "Correct" : "Give it"} \`api_key\` of the agent in the configuration.`;
    return { kind: "key", what, wayOut };
  }
  if (isTooLong(answer))
    return {
      kind: "request",
      what: `the conversation has become longer than ${model} takes`,
      wayOut: "Open a new session.",
    };
  if (status === 404 && isAboutModel(answer))
    return {
      kind: "request",
      what: `${at} does not know the model ${model}`,
      wayOut:
        "Load it there, or correct `model` of the agent in the configuration; `clawmatrix agents check` shows the models that it lists.",
    };
  if (status === 404 || status === 405)
    return {
      kind: "request",
      what: `there is nothing at ${at}`,
      wayOut:
        "`url` of the agent goes up to the version, mostly /v1. An OpenClaw gateway answers there once gateway.http.endpoints.chatCompletions.enabled is true.",
    };
  if (status === 429) {
    const wait = waitOf(answer);
    const wayOut = wait === "" ? "Try again later." : `Try again ${wait}.`;
    return { kind: "busy", what: `${at} takes no more requests for now`, wayOut };
  }
  if (status >= 300 && status < 400)
    return {
      kind: "request",
      what: `${at} is elsewhere`,
      wayOut: `Redirects are not followed, since the key would go along: name the right address in \`url\`${location === undefined ? "" : ` (it names ${location})`}.`,
    };
  if (status === 413)
    return { kind: "request", what: `${at} does not take so much at once`, wayOut: "Open a new session." };
  if (status >= 500) {
    const wait = waitOf(answer);
    return { kind: "busy", what: `${at} failed`, wayOut: wait === "" ? "" : `Try again ${wait}.` };
  }
  return { kind: "request", what: `${at} refused the request`, wayOut: "" };
}

function isTooLong({ status, said, code }: RefusedAnswer): boolean {
  if (status !== 400 && status !== 413 && status !== 422) return false;
  return code === "context_length_exceeded" || /context (?:length|window|size)|maximum context/i.test(said);
}

function isAboutModel({ said, code }: RefusedAnswer): boolean {
  return code === "model_not_found" || /model/i.test(said);
}

/** When to try again, in words; empty where that is not said, or nothing that can be read. */
function waitOf({ retryAfter }: RefusedAnswer): string {
  if (retryAfter === undefined) return "";
  if (/^\d{1,6}$/.test(retryAfter)) return `in ${Number(retryAfter)} s`;
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? "" : `after ${new Date(at).toISOString()}`;
}
