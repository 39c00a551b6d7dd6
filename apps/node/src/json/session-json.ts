import { nodeIdFromBytes } from "@clawmatrix/identity";
import { type MeshStatus, type SessionInfo, SessionSource, SessionState } from "@clawmatrix/protocol";
import { shownId } from "./node-json.ts";

/** A session as `session list --json` lists it. */
export function sessionJson(session: SessionInfo, status: MeshStatus): object {
  return {
    id: session.id,
    agent: session.agentId,
    node: nodeName(status, session.node),
    nodeId: shownId(session.node),
    title: session.title,
    description: session.description,
    cwd: session.cwd,
    source: sourceName(session.source),
    state: sessionStateName(session.state),
    updatedAt: new Date(Number(session.updatedAtUnixMs)).toISOString(),
    watchers: session.watchers.length,
  };
}

/** The name of a node by its id; the id itself where the node is not known. */
export function nodeName(status: MeshStatus, id: Uint8Array): string {
  const text = nodeIdFromBytes(id);
  if (nodeIdFromBytes(status.id) === text) return status.name;
  return status.nodes.find((node) => nodeIdFromBytes(node.id) === text)?.name ?? shownId(id);
}

export function sessionStateName(state: SessionState): "idle" | "running" | "permission" | "closed" {
  switch (state) {
    case SessionState.RUNNING:
      return "running";
    case SessionState.PERMISSION:
      return "permission";
    case SessionState.CLOSED:
      return "closed";
    default:
      return "idle";
  }
}

/** The session's agent and node, as people see it; the program that keeps it where no agent here could take it up. */
export function agentAtNode({ agentId, source, node }: SessionInfo, status: MeshStatus): string {
  return `${agentId === "" ? sourceName(source) : agentId}@${nodeName(status, node)}`;
}

function sourceName(source: SessionSource): "live" | "agent" | "openclaw" | "claude-code" | "codex" {
  switch (source) {
    case SessionSource.AGENT:
      return "agent";
    case SessionSource.OPENCLAW:
      return "openclaw";
    case SessionSource.CLAUDE_CODE:
      return "claude-code";
    case SessionSource.CODEX:
      return "codex";
    default:
      return "live";
  }
}
