import { type SessionInfoInit, SessionState } from "@clawmatrix/protocol";
import type { SessionEnvironment } from "../sessions/session-environment.ts";
import type { KnownOutsideSession } from "./outside-sessions.ts";

/** A session that the mesh does not have, as lists show it: idle where an agent of this node could take it up, else closed. */
export function outsideSessionInfo(
  { agentIds, createdAt, updatedAt, ...session }: KnownOutsideSession,
  { nodeId, nodeIdBytes }: Pick<SessionEnvironment, "nodeId" | "nodeIdBytes">,
): SessionInfoInit {
  const { id, source, agentSessionId, cwd, title, description } = session;
  return {
    id,
    source,
    agentSessionId,
    cwd,
    title,
    description,
    agentId: agentIds[0] ?? "",
    node: nodeIdBytes(nodeId),
    owner: nodeIdBytes(nodeId),
    state: agentIds.length > 0 ? SessionState.IDLE : SessionState.CLOSED,
    createdAtUnixMs: BigInt(createdAt),
    updatedAtUnixMs: BigInt(updatedAt),
  };
}
