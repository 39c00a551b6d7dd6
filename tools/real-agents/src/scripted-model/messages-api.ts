import type { EventStream } from "./event-stream.ts";
import { slowPieces } from "./event-stream.ts";
import { arrayOf, type JsonObject, objectOf, textOf, textsOf } from "./json.ts";
import { type Conversation, SLOW_PIECE, type Step, shellInput } from "./script.ts";

/** Reads the conversation out of the body of `POST /v1/messages`. */
export function readMessagesRequest(body: JsonObject): Conversation {
  const prompts: string[] = [];
  let toolResults: string[] = [];
  for (const message of arrayOf(body.messages).map(objectOf)) {
    if (message.role !== "user") continue;
    const written = textsOf(message.content).filter((text) => !text.startsWith("<system-reminder>"));
    const results = arrayOf(message.content)
      .map(objectOf)
      .filter((block) => block.type === "tool_result")
      .map((block) => textsOf(block.content).join("\n"));
    if (results.length > 0) {
      toolResults.push(...results);
    } else if (written.length > 0) {
      prompts.push(written.at(-1) ?? "");
      toolResults = [];
    }
  }
  const tools = arrayOf(body.tools)
    .map(objectOf)
    .map((tool) => ({
      name: textOf(tool.name),
      properties: Object.keys(objectOf(objectOf(tool.input_schema).properties)),
      kind: "function" as const,
    }));
  const prompt = prompts.pop() ?? "";
  return { prompt, earlier: prompts, toolResults, tools };
}

/** Streams `step` as the Messages API would; returns early, without an end, when the agent hangs up. */
export async function streamMessage(
  step: Step,
  id: string,
  model: string,
  stream: EventStream,
): Promise<void> {
  stream.send({
    type: "message_start",
    message: {
      id: `msg_${id}`,
      type: "message",
      role: "assistant",
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 10, output_tokens: 1 },
    },
  });
  if (step.kind === "shell") {
    startBlock(stream, { type: "tool_use", id: `toolu_${id}`, name: step.tool.name, input: {} });
    addToBlock(stream, { type: "input_json_delta", partial_json: JSON.stringify(shellInput(step)) });
  } else {
    startBlock(stream, { type: "text", text: "" });
    const pieces = step.kind === "slow" ? slowPieces(SLOW_PIECE, stream.signal) : [step.text];
    for await (const text of pieces) addToBlock(stream, { type: "text_delta", text });
  }
  if (stream.signal.aborted) return;
  stream.send({ type: "content_block_stop", index: 0 });
  stream.send({
    type: "message_delta",
    delta: { stop_reason: step.kind === "shell" ? "tool_use" : "end_turn", stop_sequence: null },
    usage: { output_tokens: 5 },
  });
  stream.send({ type: "message_stop" });
}

function startBlock(stream: EventStream, block: JsonObject): void {
  stream.send({ type: "content_block_start", index: 0, content_block: block });
}

function addToBlock(stream: EventStream, delta: JsonObject): void {
  stream.send({ type: "content_block_delta", index: 0, delta });
}
