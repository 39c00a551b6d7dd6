import type { JsonObject } from "@clawmatrix/acp-wire";
import { objectIn, objectsIn, parseLine, textIn } from "../../files/json-line.ts";
import { toolKind, toolTitle } from "../../transcript/tool-names.ts";
import {
  agentText,
  type Content,
  plan,
  textContent,
  thoughtText,
  toolCall,
  toolResult,
  type Update,
  userText,
} from "../../transcript/updates.ts";
import type { LineConverter } from "../program.ts";
import { itemOf, messageTexts, promptOf } from "./codex-items.ts";

/** Which of the two ways to say a thing a transcript uses; where it uses both, the one that is shown. */
interface Manner {
  readonly prompts: "event" | "item";
  readonly answers: "event" | "item";
  readonly thoughts: "event" | "item";
}

/** A converter for one transcript: that of a line depends on nothing but the line and the manner of the transcript. */
export function codexConverter(beginning: readonly JsonObject[]): LineConverter {
  const manner = mannerOf(beginning);
  return (line) => {
    const { kind, payload } = itemOf(line);
    if (kind === "event") return eventUpdates(payload, manner);
    return kind === "item" ? itemUpdates(payload, manner) : [];
  };
}

function mannerOf(beginning: readonly JsonObject[]): Manner {
  const items = beginning.map(itemOf);
  const has = (kind: "event" | "item", like: (payload: JsonObject) => boolean): boolean =>
    items.some((item) => item.kind === kind && like(item.payload));
  const hasPrompts = has("event", ({ type }) => type === "user_message");
  const hasAnswers = has("item", ({ type, role }) => type === "message" && role === "assistant");
  const saysAnswers = has("event", ({ type }) => type === "agent_message");
  const hasThoughts = has("item", (payload) => summaryOf(payload) !== "");
  const saysThoughts = has("event", ({ type }) => type === "agent_reasoning");
  return {
    // Among the items there are also prompts that nobody typed.
    prompts: hasPrompts ? "event" : "item",
    answers: saysAnswers && !hasAnswers ? "event" : "item",
    thoughts: saysThoughts && !hasThoughts ? "event" : "item",
  };
}

function eventUpdates(event: JsonObject, manner: Manner): Update[] {
  switch (event.type) {
    case "user_message":
      return manner.prompts === "event" ? userText(promptOf({ kind: "event", payload: event })) : [];
    case "agent_message":
      return manner.answers === "event" ? agentText(textIn(event, "message")) : [];
    case "agent_reasoning":
      return manner.thoughts === "event" ? thoughtText(textIn(event, "text")) : [];
    default:
      return [];
  }
}

function itemUpdates(item: JsonObject, manner: Manner): Update[] {
  const id = textIn(item, "call_id") || textIn(item, "id");
  switch (item.type) {
    case "message":
      if (item.role === "assistant")
        return manner.answers === "item" ? messageTexts(item).flatMap(agentText) : [];
      if (item.role !== "user" || manner.prompts !== "item") return [];
      return messageTexts(item).flatMap(userText);
    case "reasoning":
      return manner.thoughts === "item" ? thoughtText(summaryOf(item)) : [];
    case "function_call":
      return functionCall(id, textIn(item, "name"), parseLine(Buffer.from(textIn(item, "arguments"))) ?? {});
    case "custom_tool_call":
      return customCall(id, textIn(item, "name"), textIn(item, "input"));
    case "local_shell_call":
      return functionCall(id, "shell", objectIn(item, "action"));
    case "web_search_call":
      return functionCall(id, "web_search", objectIn(item, "action"));
    case "function_call_output":
    case "custom_tool_call_output":
      return [toolResult(id, hasFailed(item), outputOf(item))];
    default:
      return [];
  }
}

function functionCall(id: string, name: string, input: JsonObject): Update[] {
  const call = toolCall({ id, title: toolTitle(name, input), kind: toolKind(name), input });
  if (name !== "update_plan") return [call];
  const steps = objectsIn(input, "plan");
  return [
    call,
    ...plan(steps.map((step) => ({ content: textIn(step, "step"), status: textIn(step, "status") }))),
  ];
}

/** Their input is no JSON but a text, such as a patch. */
function customCall(id: string, name: string, input: string): Update[] {
  const content = input === "" ? [] : [{ type: "content", content: textContent(input) }];
  return [toolCall({ id, title: toolTitle(name, {}), kind: toolKind(name), input: undefined, content })];
}

function summaryOf(item: JsonObject): string {
  if (item.type !== "reasoning") return "";
  return objectsIn(item, "summary")
    .map((part) => textIn(part, "text"))
    .filter((text) => text !== "")
    .join("\n\n");
}

/** `output` is a text, in early versions JSON with `output` and `metadata`; or a list of content. */
function outputOf(item: JsonObject): Content[] {
  if (Array.isArray(item.output)) {
    return objectsIn(item, "output").flatMap((part) => {
      const text = textIn(part, "text");
      return text === "" ? [] : [textContent(text)];
    });
  }
  const text = textIn(item, "output") || textIn(objectIn(item, "output"), "content");
  const inner = text.startsWith("{") ? textIn(parseLine(Buffer.from(text)) ?? {}, "output") : "";
  const shown = inner || text;
  return shown === "" ? [] : [textContent(shown)];
}

/** Of an output, in which Codex says how a command ended before it shows what that wrote. */
const HEADER_CHARACTERS = 200;

function hasFailed(item: JsonObject): boolean {
  const output = objectIn(item, "output");
  if (output.success === false) return true;
  const text = textIn(item, "output");
  const said = text.startsWith("{")
    ? objectIn(parseLine(Buffer.from(text)) ?? {}, "metadata").exit_code
    : undefined;
  if (typeof said === "number") return said !== 0;
  const code = /^(?:Exit code:|Process exited with code) (\d+)$/m.exec(text.slice(0, HEADER_CHARACTERS))?.[1];
  return code !== undefined && code !== "0";
}
