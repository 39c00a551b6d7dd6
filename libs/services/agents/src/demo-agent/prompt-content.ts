import type { ContentBlock } from "@agentclientprotocol/sdk";
import { shorten, showBytes } from "./text-bounds.ts";

/** Characters shown of a name, address or media type that came with a prompt. */
const MAX_LABEL_CHARACTERS = 200;

export interface PromptContent {
  /** All text blocks, joined: the command. */
  readonly text: string;
  /** One line for each block that is not text, saying what arrived. */
  readonly attachments: readonly string[];
}

/** Takes a prompt apart into the command and an honest account of the rest, which this agent cannot look into. */
export function readPrompt(blocks: readonly ContentBlock[]): PromptContent {
  const text: string[] = [];
  const attachments: string[] = [];
  for (const block of blocks) {
    if (block.type === "text") text.push(block.text);
    else attachments.push(`received ${describe(block)}`);
  }
  return { text: text.join("\n").trim(), attachments };
}

function describe(block: Exclude<ContentBlock, { type: "text" }>): string {
  switch (block.type) {
    case "image":
    case "audio":
      return `1 ${label(block.mimeType)}, ${showBytes(decodedBytes(block.data))}`;
    case "resource_link":
      return `a link to ${label(block.name)} (${label(block.uri)})`;
    case "resource": {
      const { resource } = block;
      const bytes = "text" in resource ? Buffer.byteLength(resource.text) : decodedBytes(resource.blob);
      const mimeType = resource.mimeType == null ? "" : `${label(resource.mimeType)}, `;
      return `the resource ${label(resource.uri)}, ${mimeType}${showBytes(bytes)}`;
    }
    default:
      return `content of the kind ${label(String((block as { type: unknown }).type))}, which this agent does not know`;
  }
}

/** Bytes that base64 text stands for. */
function decodedBytes(base64: string): number {
  return Buffer.byteLength(base64, "base64");
}

function label(text: string): string {
  return shorten(text.replace(/[\p{Cc}\p{Cf}]/gu, "�"), MAX_LABEL_CHARACTERS);
}
