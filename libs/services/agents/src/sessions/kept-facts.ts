import { fromJson, isJsonObject, type JsonBytes, membersOf, writeObject } from "@clawmatrix/acp-wire";
import type { SessionFacts } from "./session-facts.ts";
import type { StoredSession } from "./session-store.ts";

/** What the store keeps of a session beside its columns, as the members of one JSON object. */
export interface KeptFacts {
  /** Further fields of the request that opened it: part of every request that continues it. */
  readonly requestJson: JsonBytes;
  readonly modesJson: JsonBytes;
  readonly configOptionsJson: JsonBytes;
  readonly commandsJson: JsonBytes;
  readonly usageJson: JsonBytes;
  readonly capabilitiesJson: JsonBytes;
}

/** What is larger is left out: the agent says it again when it continues the session. */
const MAX_MEMBER_BYTES = 128 * 1024;
const NONE: JsonBytes = new Uint8Array();

/** The columns that keep what the agent has said last. */
export function keptColumns(
  facts: SessionFacts,
  requestJson: JsonBytes,
  capabilitiesJson: JsonBytes,
): Pick<StoredSession, "metaJson" | "configOptionsJson"> {
  const { modesJson, configOptionsJson, commandsJson, usageJson } = facts;
  const members: [string, JsonBytes][] = [
    ["request", requestJson],
    ["modes", modesJson],
    ["commands", commandsJson],
    ["usage", usageJson],
    ["capabilities", capabilitiesJson],
  ];
  const kept = members.filter(([, json]) => json.length > 0 && json.length <= MAX_MEMBER_BYTES);
  const options = configOptionsJson.length > MAX_MEMBER_BYTES ? NONE : configOptionsJson;
  return {
    metaJson: Buffer.from(writeObject(kept)).toString(),
    configOptionsJson: options.length === 0 ? "[]" : Buffer.from(options).toString(),
  };
}

export function readKeptFacts({
  metaJson,
  configOptionsJson,
}: Pick<StoredSession, "metaJson" | "configOptionsJson">): KeptFacts {
  const meta = Buffer.from(metaJson);
  const members = isJsonObject(fromJson(meta)) ? membersOf(meta) : new Map<string, JsonBytes>();
  return {
    requestJson: members.get("request") ?? NONE,
    modesJson: members.get("modes") ?? NONE,
    configOptionsJson: configOptionsJson === "[]" ? NONE : Buffer.from(configOptionsJson),
    commandsJson: members.get("commands") ?? NONE,
    usageJson: members.get("usage") ?? NONE,
    capabilitiesJson: members.get("capabilities") ?? NONE,
  };
}
