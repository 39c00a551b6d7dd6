import { fromJson, isJsonObject, type JsonBytes, type JsonObject, toJson } from "@clawmatrix/acp-wire";
import type { LocalServing } from "../agent-settings.ts";

/**
 * What `initialize` declares for a client: what the client serves itself; files and terminals, where the client says
 * nothing of them and the node serves them (`local`); and forms for questions, which the node always serves since anybody
 * who may can answer them. The same capabilities give the same bytes, whatever their order.
 */
export function declaredCapabilities(client: JsonBytes, local: readonly LocalServing[] = []): JsonBytes {
  const declared: JsonObject = {
    ...objectOr(fromJson(client)),
    ...(servesLocally(client, local, "files") && { fs: { readTextFile: true, writeTextFile: true } }),
    ...(servesLocally(client, local, "terminals") && { terminal: true }),
  };
  const elicitation = { form: {}, ...objectOr(declared.elicitation) };
  return toJson(sorted({ ...declared, elicitation }));
}

/** Whether the node serves these requests in the sessions of a client with these capabilities, which says nothing of them. */
export function servesLocally(
  client: JsonBytes,
  local: readonly LocalServing[],
  kind: LocalServing,
): boolean {
  const { fs, terminal } = objectOr(fromJson(client));
  const said = kind === "files" ? fs : terminal;
  return local.includes(kind) && (said === undefined || said === null || said === false);
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
