import { type SessionInfoInit, SessionSource, SessionState } from "@clawmatrix/protocol";
import type { Session } from "./session.ts";
import { isOver } from "./session-endings.ts";
import type { SessionEnvironment } from "./session-environment.ts";
import type { SessionChange, StoredSession, StoredSessionState } from "./session-store.ts";

type NodeIds = Pick<SessionEnvironment, "nodeId" | "nodeIdBytes">;

/** A session as lists and screens show it. */
export function sessionInfo(session: Session, ids: NodeIds): SessionInfoInit {
  const { title, description, modesJson, configOptionsJson, commandsJson, usageJson } = session.facts;
  return {
    ...storedSessionInfo(session.record, ids),
    agentSessionId: session.process.agentSessionId,
    title,
    description,
    state: session.state,
    updatedAtUnixMs: milliseconds(session.updatedAt),
    watchers: session.watchers,
    lastSeq: session.journal.lastSeq,
    modesJson,
    configOptionsJson,
    capabilitiesJson: session.process.capabilitiesJson,
    commandsJson,
    usageJson,
  };
}

/** The same of a session that no process serves and nobody follows. */
export function storedSessionInfo(record: StoredSession, { nodeId, nodeIdBytes }: NodeIds): SessionInfoInit {
  return {
    id: record.id,
    agentId: record.agentId,
    node: nodeIdBytes(nodeId),
    agentSessionId: record.agentSessionId,
    title: record.title,
    description: record.description,
    cwd: record.cwd,
    source: SessionSource.LIVE,
    state: isOver(record.endReason) ? SessionState.CLOSED : SessionState.IDLE,
    createdAtUnixMs: milliseconds(record.createdAt),
    updatedAtUnixMs: milliseconds(record.updatedAt),
    owner: nodeIdBytes(record.ownerNode),
  };
}

/** What of a session the store has columns for, as it is now. */
export function sessionColumns(session: Session, state: StoredSessionState): SessionChange {
  const { facts, endReason } = session;
  const { title, description, modeId } = facts;
  return { agentSessionId: session.process.agentSessionId, title, description, state, modeId, endReason };
}

export function storedState(state: SessionState): StoredSessionState {
  switch (state) {
    case SessionState.IDLE:
      return "idle";
    case SessionState.RUNNING:
      return "running";
    case SessionState.PERMISSION:
      return "permission";
    default:
      return "closed";
  }
}

function milliseconds(time: number): bigint {
  return BigInt(Math.trunc(time));
}
