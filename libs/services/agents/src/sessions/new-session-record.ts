import { type JsonBytes, writeObject } from "@clawmatrix/acp-wire";
import type { Caller } from "@clawmatrix/protocol";
import type { OpeningRequest } from "./session-opener.ts";
import type { StoredSession } from "./session-store.ts";

export interface NewSessionRecordOptions {
  readonly id: string;
  readonly request: OpeningRequest;
  /** Where it runs, symbolic links resolved. */
  readonly cwd: string;
  readonly title: string;
  /** Its first prompt, shortened; empty where there was none yet. */
  readonly description: string;
  readonly caller: Caller;
  readonly trustClass: string;
  /** Where the agent knows the session already. */
  readonly agentSessionId: string | undefined;
  /** ms since 1970. */
  readonly now: number;
}

/** A session that no process serves yet, as the store keeps it. */
export function newSessionRecord(options: NewSessionRecordOptions): StoredSession {
  const { request, caller, now } = options;
  const meta: [string, JsonBytes][] = request.extraJson.length === 0 ? [] : [["request", request.extraJson]];
  return {
    id: options.id,
    agentId: request.agentId,
    agentSessionId: options.agentSessionId,
    cwd: options.cwd,
    title: options.title,
    description: options.description,
    ownerNode: caller.nodeId,
    ownerClient: caller.clientId,
    trustClass: options.trustClass,
    state: "closed",
    modeId: undefined,
    mcpServersJson: text(request.mcpServersJson, "[]"),
    configOptionsJson: "[]",
    clientCapabilitiesJson: text(request.clientCapabilitiesJson, "{}"),
    metaJson: text(writeObject(meta), "{}"),
    endReason: "",
    createdAt: now,
    updatedAt: now,
    closedAt: undefined,
  };
}

function text(json: JsonBytes, otherwise: string): string {
  return json.length === 0 ? otherwise : Buffer.from(json).toString();
}
