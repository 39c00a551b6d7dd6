import { plainText } from "../../text/plain-text.ts";
import { asObject, asObjects, asString, type JsonObject } from "./acp-json.ts";

/** An ACP content block as text; what is no text is named. */
export function contentText(block: JsonObject): string {
  switch (block.type) {
    case "text":
      return plainText(asString(block.text));
    case "resource_link":
      return plainText(`[${asString(block.name) || "link"}](${asString(block.uri)})`);
    case "resource": {
      const resource = asObject(block.resource);
      return plainText(asString(resource.text) || `[${asString(resource.uri) || "resource"}]`);
    }
    case "image":
    case "audio":
      return `[${asString(block.type)} ${plainText(asString(block.mimeType))}]`;
    default:
      return `[${plainText(asString(block.type)) || "content"}]`;
  }
}

/** The text of a prompt: its content blocks below each other. */
export function promptText(blocks: unknown): string {
  return asObjects(blocks).map(contentText).join("\n");
}
