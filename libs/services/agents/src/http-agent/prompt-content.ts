import type { ContentBlock } from "@agentclientprotocol/sdk";

/** A part of a message, as chat completions have it. */
export type ContentPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image_url"; readonly image_url: { readonly url: string } };

/** A prompt as the content of a message: a plain text where it is nothing else, since not every endpoint takes parts. */
export function contentOf(blocks: readonly ContentBlock[]): string | ContentPart[] {
  const parts = blocks.map(partOf);
  if (parts.some(({ type }) => type !== "text")) return parts;
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("\n");
}

/** What a prompt says in words, on one line. */
export function wordsOf(blocks: readonly ContentBlock[]): string {
  const words = blocks.map((block) => (block.type === "text" ? block.text : ""));
  return words.join(" ").replace(/\s+/g, " ").trim();
}

function partOf(block: ContentBlock): ContentPart {
  switch (block.type) {
    case "text":
      return text(block.text);
    case "image":
      return image(block.mimeType, block.data);
    case "resource_link":
      return text(`[${block.name}](${block.uri})`);
    case "resource": {
      const { resource } = block;
      if ("text" in resource)
        return text(`<resource uri=${JSON.stringify(resource.uri)}>\n${resource.text}\n</resource>`);
      const mimeType = resource.mimeType ?? "";
      if (mimeType.startsWith("image/")) return image(mimeType, resource.blob);
      return left(`${mimeType || "binary"} resource ${resource.uri}`);
    }
    default:
      return left(block.type);
  }
}

/** What a chat completion cannot carry is not passed over in silence: the model can say that it has not seen it. */
function left(what: string): ContentPart {
  return text(`[Here was a ${what}, which cannot be shown to you.]`);
}

function text(words: string): ContentPart {
  return { type: "text", text: words };
}

function image(mimeType: string, base64: string): ContentPart {
  return { type: "image_url", image_url: { url: `data:${mimeType};base64,${base64}` } };
}
