import { fromJson, isJsonObject, type JsonBytes, membersOf, toJson } from "@clawmatrix/acp-wire";

/** What an agent said in its answer to `initialize`, as far as this node acts on it. */
export interface AgentFeatures {
  /** ACP's AgentCapabilities, whole; `{}` where it said none. */
  readonly capabilitiesJson: JsonBytes;
  readonly resume: boolean;
  readonly load: boolean;
  readonly close: boolean;
  /** It can say which sessions it has. */
  readonly list: boolean;
  /** The version of ACP that it speaks; undefined where it said none. */
  readonly protocolVersion: number | undefined;
}

export function readFeatures(initializeResult: JsonBytes): AgentFeatures {
  const result = fromJson(initializeResult);
  const values = isJsonObject(result) ? result : {};
  const capabilities = isJsonObject(values.agentCapabilities) ? values.agentCapabilities : {};
  const session = isJsonObject(capabilities.sessionCapabilities) ? capabilities.sessionCapabilities : {};
  return {
    capabilitiesJson: isJsonObject(values.agentCapabilities)
      ? (membersOf(initializeResult).get("agentCapabilities") ?? toJson({}))
      : toJson({}),
    // ACP: an object, maybe empty, says that it can; null or nothing that it cannot.
    resume: isJsonObject(session.resume),
    close: isJsonObject(session.close),
    list: isJsonObject(session.list),
    load: capabilities.loadSession === true,
    protocolVersion: typeof values.protocolVersion === "number" ? values.protocolVersion : undefined,
  };
}
