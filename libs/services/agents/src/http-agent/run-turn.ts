import type { ContentBlock, PromptResponse, SessionUpdate, StopReason } from "@agentclientprotocol/sdk";
import type { Usage } from "@agentclientprotocol/sdk/unstable";
import type { CompletionUsage } from "./completion-chunk.ts";
import type { Conversation } from "./conversation.ts";
import type { Endpoint } from "./endpoint.ts";
import { UnservedTools } from "./unserved-tools.ts";

export interface RunTurnOptions {
  readonly conversation: Conversation;
  readonly prompt: readonly ContentBlock[];
  readonly endpoint: Endpoint;
  /** Tokens that the model takes; 0 where that is not known in time. */
  readonly contextTokens: () => Promise<number>;
  /** Tells the client; resolves when it is written, so that a slow reader slows the endpoint down. */
  readonly tell: (update: SessionUpdate) => Promise<void>;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** `usage` is still unstable in ACP, but agents send it and clients show it. */
export type AnsweredPrompt = PromptResponse & { readonly usage?: Usage };

/** How OpenAI's reasons to stop are called in ACP. What a newer endpoint says besides is an end like any other. */
const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  length: "max_tokens",
  content_filter: "refusal",
};

/** Sends one prompt with what was said before, and tells the answer as it comes. @throws EndpointFailure */
export async function runTurn(options: RunTurnOptions): Promise<AnsweredPrompt> {
  const { conversation, prompt, endpoint, tell, signal } = options;
  if (conversation.begin(prompt))
    await tell({ sessionUpdate: "session_info_update", title: conversation.title ?? null });
  const turn = { prompt: [...prompt], answer: "", thought: "" };
  const tools = new UnservedTools();
  let usage: CompletionUsage | undefined;
  let stopReason: StopReason = "end_turn";
  let failed = true;
  try {
    for await (const part of endpoint.complete(conversation.messages(endpoint.system, prompt), signal)) {
      if (signal.aborted) break;
      switch (part.kind) {
        case "text":
          turn.answer += part.text;
          await tell({ sessionUpdate: "agent_message_chunk", content: { type: "text", text: part.text } });
          break;
        case "thought":
          turn.thought += part.text;
          await tell({ sessionUpdate: "agent_thought_chunk", content: { type: "text", text: part.text } });
          break;
        case "tool":
          tools.add(part);
          break;
        case "usage":
          usage = part.usage;
          break;
        case "finish":
          stopReason = STOP_REASONS[part.reason] ?? "end_turn";
      }
    }
    for (const update of tools.updates()) await tell(update);
    failed = false;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    // Who has seen half an answer may go on from it; a prompt that came to nothing is sent again.
    if (!failed || signal.aborted || turn.answer !== "") conversation.add(turn, options.now());
  }
  if (usage !== undefined)
    await tell({ sessionUpdate: "usage_update", used: usage.total, size: await options.contextTokens() });
  return {
    stopReason: signal.aborted ? "cancelled" : stopReason,
    ...(usage !== undefined && { usage: tokens(usage) }),
  };
}

function tokens({ input, output, total, thought, cachedRead }: CompletionUsage): Usage {
  return {
    inputTokens: input,
    outputTokens: output,
    totalTokens: total,
    ...(thought !== undefined && { thoughtTokens: thought }),
    ...(cachedRead !== undefined && { cachedReadTokens: cachedRead }),
  };
}
