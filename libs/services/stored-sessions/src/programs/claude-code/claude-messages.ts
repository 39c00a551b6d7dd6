import type { JsonObject } from "@clawmatrix/acp-wire";
import { objectIn, objectsIn, textIn } from "../../files/json-line.ts";

/** Whether a line was said by the person or the agent of the session itself, not by the program or a sub-agent. */
export function isSpoken({ type, isSidechain, isMeta, isCompactSummary }: JsonObject): boolean {
  const speaks = type === "user" || type === "assistant";
  return speaks && isSidechain !== true && isMeta !== true && isCompactSummary !== true;
}

/** The content blocks of a line's message; older lines have a text in their place. */
export function blocksOf(line: JsonObject): JsonObject[] {
  const message = objectIn(line, "message");
  return typeof message.content === "string"
    ? [{ type: "text", text: message.content }]
    : objectsIn(message, "content");
}

/**
 * A text of the person as it was typed: the program wraps its own commands and their output into tags. Empty for what it
 * only put there itself.
 */
export function typedText(text: string): string {
  const command = /^\s*<command-(?:name|message)>/.test(text);
  if (command) {
    const name = /<command-name>([^<]*)<\/command-name>/.exec(text)?.[1]?.trim() ?? "";
    const args = /<command-args>([^<]*)<\/command-args>/.exec(text)?.[1]?.trim() ?? "";
    return `${name} ${args}`.trim();
  }
  return /^\s*(?:<local-command-|<system-reminder>|Caveat: The messages below)/.test(text) ? "" : text;
}

/** The first text of the person in a line; empty where there is none. */
export function promptOf(line: JsonObject): string {
  if (line.type !== "user" || !isSpoken(line)) return "";
  const texts = blocksOf(line).map((block) =>
    block.type === "text" ? typedText(textIn(block, "text")) : "",
  );
  return texts.find((text) => text.trim() !== "") ?? "";
}
