import type { EndpointResponse } from "./send-request.ts";

export interface ReadTextOptions {
  readonly maxBytes: number;
  readonly silenceMs: number;
}

/** The beginning of what was answered, as text. @throws EndpointFailure if it breaks off or falls silent before. */
export async function readText(
  response: EndpointResponse,
  { maxBytes, silenceMs }: ReadTextOptions,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response.chunks(() => silenceMs)) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) break;
  }
  return Buffer.concat(chunks).toString("utf8", 0, maxBytes);
}
