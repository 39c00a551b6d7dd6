import type { EventStream } from "./event-stream.ts";
import { slowPieces } from "./event-stream.ts";
import { arrayOf, type JsonObject, objectOf, textOf, textsOf } from "./json.ts";
import { type Conversation, type OfferedTool, SLOW_PIECE, type Step, shellInput } from "./script.ts";

/** Reads the conversation out of the body of `POST /v1/responses`. */
export function readResponsesRequest(body: JsonObject): Conversation {
  const prompts: string[] = [];
  let toolResults: string[] = [];
  for (const item of arrayOf(body.input).map(objectOf)) {
    if (item.role === "user") {
      prompts.push(textsOf(item.content).join("\n"));
      toolResults = [];
    } else if (textOf(item.type).endsWith("_call_output")) {
      toolResults.push(textsOf(item.output).join("\n"));
    }
  }
  const prompt = prompts.pop() ?? "";
  return { prompt, earlier: prompts, toolResults, tools: arrayOf(body.tools).map(objectOf).map(offeredTool) };
}

function offeredTool(tool: JsonObject): OfferedTool {
  const type = textOf(tool.type);
  return {
    name: textOf(tool.name) || type,
    properties: Object.keys(objectOf(objectOf(tool.parameters).properties)),
    kind: type === "local_shell" ? "local-shell" : type === "custom" ? "freeform" : "function",
  };
}

/** Streams `step` as the Responses API would; returns early, without an end, when the agent hangs up. */
export async function streamResponse(step: Step, id: string, stream: EventStream): Promise<void> {
  const response = { id: `resp_${id}`, object: "response", status: "in_progress", output: [] };
  stream.send({ type: "response.created", response });
  const item = step.kind === "shell" ? toolCall(step, id) : await streamText(step, id, stream);
  if (stream.signal.aborted) return;
  if (step.kind === "shell") stream.send({ type: "response.output_item.added", output_index: 0, item });
  stream.send({ type: "response.output_item.done", output_index: 0, item });
  stream.send({
    type: "response.completed",
    response: {
      ...response,
      status: "completed",
      output: [item],
      usage: {
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 15,
      },
    },
  });
}

async function streamText(
  step: Exclude<Step, { kind: "shell" }>,
  id: string,
  stream: EventStream,
): Promise<JsonObject> {
  const message = { type: "message", id: `msg_${id}`, role: "assistant" };
  stream.send({
    type: "response.output_item.added",
    output_index: 0,
    item: { ...message, status: "in_progress", content: [] },
  });
  let text = "";
  const pieces = step.kind === "slow" ? slowPieces(SLOW_PIECE, stream.signal) : [step.text];
  for await (const delta of pieces) {
    text += delta;
    stream.send({
      type: "response.output_text.delta",
      item_id: message.id,
      output_index: 0,
      content_index: 0,
      delta,
    });
  }
  return { ...message, status: "completed", content: [{ type: "output_text", text, annotations: [] }] };
}

function toolCall(step: Extract<Step, { kind: "shell" }>, id: string): JsonObject {
  const call = { call_id: `call_${id}`, status: "completed" };
  if (step.tool.kind === "local-shell") {
    const action = { type: "exec", command: ["bash", "-lc", step.command], env: {} };
    return { ...call, type: "local_shell_call", id: `lsh_${id}`, action };
  }
  if (step.tool.kind === "freeform") {
    return { ...call, type: "custom_tool_call", id: `ctc_${id}`, name: step.tool.name, input: step.command };
  }
  const argumentsJson = JSON.stringify(shellInput(step));
  return { ...call, type: "function_call", id: `fc_${id}`, name: step.tool.name, arguments: argumentsJson };
}
