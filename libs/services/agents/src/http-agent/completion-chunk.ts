/** A piece of an answer. */
export type CompletionPart =
  | { readonly kind: "text" | "thought"; readonly text: string }
  /** A tool that the model wants called: `id` and `name` come once, `input` in pieces. */
  | {
      readonly kind: "tool";
      readonly index: number;
      readonly id: string;
      readonly name: string;
      readonly input: string;
    }
  | { readonly kind: "usage"; readonly usage: CompletionUsage }
  | { readonly kind: "finish"; readonly reason: string };

/** In tokens. */
export interface CompletionUsage {
  readonly input: number;
  readonly output: number;
  readonly total: number;
  readonly thought: number | undefined;
  readonly cachedRead: number | undefined;
}

type Values = Readonly<Record<string, unknown>>;

/** What a chunk of a stream, or a whole completion, brings. Whatever has another form than OpenAI's is left out. */
export function partsOf(completion: unknown): CompletionPart[] {
  const { choices, usage } = valuesOf(completion);
  const choice = valuesOf(Array.isArray(choices) ? choices[0] : undefined);
  const message = valuesOf(choice.delta ?? choice.message);
  const parts: CompletionPart[] = [];
  const say = (kind: "text" | "thought", text: string): void => {
    if (text !== "") parts.push({ kind, text });
  };
  // Two names for the same thing; some servers send both.
  say("thought", textOf(message.reasoning_content) || textOf(message.reasoning));
  say("text", textOf(message.content) + textOf(message.refusal));
  parts.push(...toolsOf(message));
  if (typeof choice.finish_reason === "string") parts.push({ kind: "finish", reason: choice.finish_reason });
  const tokens = usageOf(usage);
  if (tokens !== undefined) parts.push({ kind: "usage", usage: tokens });
  return parts;
}

/** What an answer says of an error; undefined where it says none. */
export function errorOf(answer: unknown): { readonly message: string; readonly code: string } | undefined {
  const { error, message, detail } = valuesOf(answer);
  if (typeof error === "string") return { message: error, code: "" };
  if (typeof error === "object" && error !== null) {
    const { message: said, code, type } = valuesOf(error);
    return { message: wordOf(said), code: wordOf(code) || wordOf(type) };
  }
  // FastAPI, under vLLM and others, has a way of its own.
  const said = wordOf(detail) || wordOf(message);
  return said === "" ? undefined : { message: said, code: "" };
}

function toolsOf({ tool_calls, function_call }: Values): CompletionPart[] {
  const calls = Array.isArray(tool_calls)
    ? tool_calls
    : function_call == null
      ? []
      : [{ function: function_call }];
  return calls.map((call, at) => {
    const { index, id, function: called } = valuesOf(call);
    const { name, arguments: input } = valuesOf(called);
    return {
      kind: "tool",
      index: typeof index === "number" ? index : at,
      id: wordOf(id),
      name: wordOf(name),
      input: wordOf(input),
    };
  });
}

function usageOf(usage: unknown): CompletionUsage | undefined {
  if (typeof usage !== "object" || usage === null) return undefined;
  const { prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details, completion_tokens_details } =
    valuesOf(usage);
  const input = countOf(prompt_tokens) ?? 0;
  const output = countOf(completion_tokens) ?? 0;
  return {
    input,
    output,
    total: countOf(total_tokens) ?? input + output,
    thought: countOf(valuesOf(completion_tokens_details).reasoning_tokens),
    cachedRead: countOf(valuesOf(prompt_tokens_details).cached_tokens),
  };
}

/** A text, or the texts of a list of content parts. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: unknown) => wordOf(valuesOf(part).text)).join("");
}

function wordOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function valuesOf(value: unknown): Values {
  return typeof value === "object" && value !== null ? (value as Values) : {};
}
