/** A JSON object whose fields are not known to be what they should be. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function objectOf(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

export function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The texts in a message's content: a string, or a list of blocks of which those with a `text` count. */
export function textsOf(content: unknown): string[] {
  if (typeof content === "string") return [content];
  return arrayOf(content)
    .map((block) => textOf(objectOf(block).text))
    .filter((text) => text !== "");
}
