import type { JsonObject } from "@clawmatrix/acp-wire";
import { objectIn, objectsIn, textIn } from "../../files/json-line.ts";
import { editDiffs } from "../../transcript/edit-diffs.ts";
import { toolKind, toolTitle } from "../../transcript/tool-names.ts";
import {
  agentText,
  type Content,
  imageContent,
  textContent,
  thoughtText,
  toolCall,
  toolResult,
  type Update,
  userContent,
  userText,
} from "../../transcript/updates.ts";

/** A line of OpenClaw's transcript: a message of the pi agent, or something around the conversation. */
export function openClawUpdates(line: JsonObject): Update[] {
  if (line.type !== "message") return [];
  const message = objectIn(line, "message");
  switch (message.role) {
    case "user":
      return partsOf(message).flatMap(userPart);
    case "assistant":
      return partsOf(message).flatMap(agentPart);
    case "toolResult":
      return [
        toolResult(
          textIn(message, "toolCallId"),
          message.isError === true,
          partsOf(message).flatMap(resultPart),
        ),
      ];
    default:
      return [];
  }
}

function partsOf(message: JsonObject): JsonObject[] {
  return typeof message.content === "string"
    ? [{ type: "text", text: message.content }]
    : objectsIn(message, "content");
}

function userPart(part: JsonObject): Update[] {
  if (part.type === "text") return userText(textIn(part, "text"));
  return part.type === "image" ? [userContent(imageOf(part))] : [];
}

function agentPart(part: JsonObject): Update[] {
  switch (part.type) {
    case "text":
      return agentText(textIn(part, "text"));
    case "thinking":
      return thoughtText(textIn(part, "thinking"));
    case "toolCall": {
      const name = textIn(part, "name");
      const input = objectIn(part, "arguments");
      const content = editDiffs(name, input);
      return [
        toolCall({
          id: textIn(part, "id"),
          title: toolTitle(name, input),
          kind: toolKind(name),
          input,
          content,
        }),
      ];
    }
    default:
      return [];
  }
}

function resultPart(part: JsonObject): Content[] {
  if (part.type === "text") return textIn(part, "text") === "" ? [] : [textContent(textIn(part, "text"))];
  return part.type === "image" ? [imageOf(part)] : [];
}

function imageOf(part: JsonObject): Content {
  return imageContent(textIn(part, "data"), textIn(part, "mimeType") || "image/png");
}
