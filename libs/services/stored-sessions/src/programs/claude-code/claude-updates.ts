import type { JsonObject } from "@clawmatrix/acp-wire";
import { objectIn, objectsIn, textIn } from "../../files/json-line.ts";
import { editDiffs } from "../../transcript/edit-diffs.ts";
import { toolKind, toolTitle } from "../../transcript/tool-names.ts";
import {
  agentText,
  type Content,
  imageContent,
  plan,
  textContent,
  thoughtText,
  toolCall,
  toolResult,
  type Update,
  userContent,
  userText,
} from "../../transcript/updates.ts";
import { blocksOf, isSpoken, typedText } from "./claude-messages.ts";

/** A line of Claude Code's transcript: a message of the Anthropic API, with who said it around. */
export function claudeUpdates(line: JsonObject): Update[] {
  if (!isSpoken(line)) return [];
  const blocks = blocksOf(line);
  return line.type === "user" ? blocks.flatMap(userUpdates) : blocks.flatMap(agentUpdates);
}

function userUpdates(block: JsonObject): Update[] {
  switch (block.type) {
    case "text":
      return userText(typedText(textIn(block, "text")));
    case "image":
      return [userContent(imageOf(block))];
    case "tool_result":
      return [toolResult(textIn(block, "tool_use_id"), block.is_error === true, resultContent(block))];
    default:
      return [];
  }
}

function agentUpdates(block: JsonObject): Update[] {
  switch (block.type) {
    case "text":
      return agentText(textIn(block, "text"));
    case "thinking":
      return thoughtText(textIn(block, "thinking"));
    case "tool_use":
      return toolUse(textIn(block, "id"), textIn(block, "name"), objectIn(block, "input"));
    default:
      return [];
  }
}

function toolUse(id: string, name: string, input: JsonObject): Update[] {
  const call = toolCall({
    id,
    title: toolTitle(name, input),
    kind: toolKind(name),
    input,
    content: editDiffs(name, input),
  });
  if (name !== "TodoWrite") return [call];
  const todos = objectsIn(input, "todos");
  return [
    call,
    ...plan(todos.map((todo) => ({ content: textIn(todo, "content"), status: textIn(todo, "status") }))),
  ];
}

function resultContent(block: JsonObject): Content[] {
  if (typeof block.content === "string") return block.content === "" ? [] : [textContent(block.content)];
  return objectsIn(block, "content").flatMap((part) => {
    if (part.type === "text") return [textContent(textIn(part, "text"))];
    return part.type === "image" ? [imageOf(part)] : [];
  });
}

function imageOf(block: JsonObject): Content {
  const source = objectIn(block, "source");
  return imageContent(textIn(source, "data"), textIn(source, "media_type") || "image/png");
}
