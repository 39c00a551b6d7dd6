import type { ToolCallContent, ToolCallLocation, ToolKind } from "@agentclientprotocol/sdk";
import { messageOf, ToolFailure } from "./failures.ts";
import type { Turn } from "./turn.ts";

export interface ToolCallOptions {
  readonly title: string;
  readonly kind: ToolKind;
  readonly rawInput: Readonly<Record<string, unknown>>;
  /** Files that it is about, by absolute path. */
  readonly locations?: readonly ToolCallLocation[];
  /** What is shown from the start, such as the diff of an edit. */
  readonly content?: readonly ToolCallContent[];
}

/** How a tool call ended. */
export interface ToolCallResult {
  readonly content?: readonly ToolCallContent[];
  readonly rawOutput?: Readonly<Record<string, unknown>>;
  readonly locations?: readonly ToolCallLocation[];
  /** Why it ends as `failed` although it ran to its end. */
  readonly failure?: string;
  /** What the agent says about it. Default: nothing, or the failure. */
  readonly summary?: string;
}

/** A tool call that is under way. */
export class ToolCall {
  readonly id: string;
  readonly options: ToolCallOptions;
  readonly #turn: Turn;

  constructor(turn: Turn, options: ToolCallOptions) {
    this.id = turn.nextToolCallId();
    this.options = options;
    this.#turn = turn;
  }

  /** From `pending` to `in_progress`. */
  async begin(): Promise<void> {
    await this.#turn.update({
      sessionUpdate: "tool_call_update",
      toolCallId: this.id,
      status: "in_progress",
    });
  }

  /** Replaces what is shown of it so far. */
  async show(content: readonly ToolCallContent[]): Promise<void> {
    await this.#turn.update({
      sessionUpdate: "tool_call_update",
      toolCallId: this.id,
      content: [...content],
    });
  }
}

/**
 * Makes a tool call of `work`: `pending` at first (`work` calls `begin` when it starts, having asked for permission where it
 * must), then `completed`, or `failed` where it throws, says so, or the turn is cancelled. A `ToolFailure` ends here.
 */
export async function withToolCall(
  turn: Turn,
  options: ToolCallOptions,
  work: (call: ToolCall) => Promise<ToolCallResult>,
): Promise<void> {
  turn.throwIfCancelled();
  if (turn.session.config.verbosity === "detailed") await turn.think(`I do this now: ${options.title}\n`);
  const call = new ToolCall(turn, options);
  await turn.update({
    sessionUpdate: "tool_call",
    toolCallId: call.id,
    title: options.title,
    kind: options.kind,
    status: "pending",
    rawInput: options.rawInput,
    ...(options.locations && { locations: [...options.locations] }),
    ...(options.content && { content: [...options.content] }),
  });
  let result: ToolCallResult;
  try {
    result = await work(call);
  } catch (error) {
    const failure = turn.signal.aborted ? "stopped: the turn was cancelled" : messageOf(error);
    const content = [...(options.content ?? []), textContent(failure)];
    await end(turn, call, { failure, content });
    turn.throwIfCancelled();
    if (!(error instanceof ToolFailure)) throw error;
    await turn.say(`${failure}\n`);
    return;
  }
  await end(turn, call, result);
  const summary = result.summary ?? result.failure;
  if (summary !== undefined) await turn.say(`${summary}\n`);
}

export function textContent(text: string): ToolCallContent {
  return { type: "content", content: { type: "text", text } };
}

async function end(turn: Turn, call: ToolCall, result: ToolCallResult): Promise<void> {
  const rawOutput = { ...result.rawOutput, ...(result.failure !== undefined && { error: result.failure }) };
  await turn.update({
    sessionUpdate: "tool_call_update",
    toolCallId: call.id,
    status: result.failure === undefined ? "completed" : "failed",
    rawOutput,
    ...(result.content && { content: [...result.content] }),
    ...(result.locations && { locations: [...result.locations] }),
  });
}
