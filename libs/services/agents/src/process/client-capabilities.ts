import { fromJson, isJsonObject, type JsonBytes, type JsonObject, toJson } from "@clawmatrix/acp-wire";

/**
 * What `initialize` declares for a client: what the client serves itself, and forms for questions, which the node always
 * serves since anybody who may can answer them. The same capabilities give the same bytes, whatever their order.
 */
export function declaredCapabilities(client: JsonBytes): JsonBytes {
  const declared = objectOr(fromJson(client));
  const elicitation = { form: {}, ...objectOr(declared.elicitation) };
  return toJson(sorted({ ...declared, elicitation }));
}

/** Whether a client with these capabilities serves a request of the agent. */
export function serves(client: JsonBytes, method: string): boolean {
  const declared = objectOr(fromJson(client));
  const files = objectOr(declared.fs);
  if (method === "fs/read_text_file") return files.readTextFile === true;
  if (method === "fs/write_text_file") return files.writeTextFile === true;
  return method.startsWith("terminal/") && declared.terminal === true;
}

function objectOr(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}
