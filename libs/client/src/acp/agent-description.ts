import {
  fromJson,
  isJsonObject,
  type JsonBytes,
  membersOf,
  toJson,
  writeObjectWith,
} from "@clawmatrix/acp-wire";

/** The version of ACP that is spoken with the editor. */
const ACP_VERSION = 1;
/** What the mesh does for every agent: the node lists its sessions, keeps their transcripts, and continues and ends them. */
const SERVED_BY_THE_MESH = { list: {}, resume: {}, close: {} };
/** Session methods that would make or remove sessions behind the back of the agent's node. */
const NOT_THROUGH_THE_MESH = ["fork", "delete"];

/**
 * The answer to the editor's `initialize`: the agent's own, whole, but for what a session of the mesh can more or less
 * than one of an agent on this machine.
 */
export function editorsView(initializeJson: JsonBytes): JsonBytes {
  const members = objectMembers(initializeJson);
  const capabilities = members.get("agentCapabilities");
  const authMethods = members.get("authMethods");
  return writeObjectWith(initializeJson, [
    ["protocolVersion", toJson(ACP_VERSION)],
    ["agentCapabilities", capabilitiesInTheMesh(capabilities ?? toJson({}))],
    ["authMethods", authMethods && authMethodsFromAfar(authMethods)],
  ]);
}

function capabilitiesInTheMesh(capabilities: JsonBytes): JsonBytes {
  const session = fromJson(objectMembers(capabilities).get("sessionCapabilities") ?? toJson({}));
  const kept = Object.entries(isJsonObject(session) ? session : {}).filter(
    ([name]) => !NOT_THROUGH_THE_MESH.includes(name),
  );
  return writeObjectWith(isObject(capabilities) ? capabilities : toJson({}), [
    ["loadSession", toJson(true)],
    ["sessionCapabilities", toJson({ ...Object.fromEntries(kept), ...SERVED_BY_THE_MESH })],
  ]);
}

/** Logging in by a terminal or by variables of the environment would happen on the editor's machine: of no use to the agent. */
function authMethodsFromAfar(authMethods: JsonBytes): JsonBytes {
  const all = fromJson(authMethods);
  if (!Array.isArray(all)) return authMethods;
  return toJson(
    all.filter((method: unknown) => isJsonObject(method) && (method.type ?? "agent") === "agent"),
  );
}

function objectMembers(json: JsonBytes): Map<string, Uint8Array> {
  return isObject(json) ? membersOf(json) : new Map();
}

function isObject(json: JsonBytes): boolean {
  return isJsonObject(fromJson(json));
}
