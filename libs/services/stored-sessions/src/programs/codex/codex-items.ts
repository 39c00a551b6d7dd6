import type { JsonObject } from "@clawmatrix/acp-wire";
import { objectIn, objectsIn, textIn } from "../../files/json-line.ts";

/** What a line carries: `event_msg` and `response_item` say much of the same twice, in their own words. */
export interface CodexItem {
  readonly kind: "item" | "event" | "other";
  readonly payload: JsonObject;
}

/** Lines have `{timestamp, type, payload}`; those of early versions are the items themselves. */
export function itemOf(line: JsonObject): CodexItem {
  if (line.type === "response_item") return { kind: "item", payload: objectIn(line, "payload") };
  if (line.type === "event_msg") return { kind: "event", payload: objectIn(line, "payload") };
  if (typeof line.payload === "object") return { kind: "other", payload: objectIn(line, "payload") };
  return { kind: "item", payload: line };
}

/** What Codex itself puts before the first prompt, as if the person had said it. */
const OWN_WORDS =
  /^\s*(?:<(?:environment_context|user_instructions|INSTRUCTIONS|permissions instructions|turn_aborted|user_shell_command|collaboration_mode|skills_instructions|apps_instructions|subagent_notification)\b|# AGENTS\.md instructions)/;

/** The texts of a message, without what Codex put there itself. */
export function messageTexts(message: JsonObject): string[] {
  const texts = objectsIn(message, "content").map((part) => textIn(part, "text"));
  if (typeof message.content === "string") texts.push(message.content);
  return texts.filter((text) => text.trim() !== "" && !(message.role === "user" && OWN_WORDS.test(text)));
}

/** The first prompt of the person in an item; empty where there is none. */
export function promptOf({ kind, payload }: CodexItem): string {
  if (kind === "event" && payload.type === "user_message") {
    const text = textIn(payload, "message");
    return OWN_WORDS.test(text) ? "" : text;
  }
  const isMessage = kind === "item" && payload.type === "message" && payload.role === "user";
  return isMessage ? (messageTexts(payload)[0] ?? "") : "";
}
