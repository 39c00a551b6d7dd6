import { type NodeId, nodeIdFromBytes } from "@clawmatrix/identity";
import { type SessionInfo, SessionSource, SessionState } from "@clawmatrix/protocol";
import { oneLine } from "../text/plain-text.ts";

export type SessionStateName = "idle" | "running" | "permission" | "closed";

/** A session as the list shows it. */
export interface SessionRow {
  readonly id: string;
  readonly agent: string;
  readonly node: NodeId;
  /** The agent's own id where only the agent knows the session, and it is to be loaded by it; otherwise empty. */
  readonly agentSessionId: string;
  /** Another program keeps it, and no agent has taken it up yet. */
  readonly stored: boolean;
  readonly title: string;
  readonly cwd: string;
  readonly state: SessionStateName;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly watchers: number;
}

/** The sessions of all nodes, by node: what one node says never touches another's. */
export interface SessionList {
  readonly byNode: ReadonlyMap<NodeId, readonly SessionRow[]>;
  /** Why a node's sessions could not be listed. */
  readonly errors: ReadonlyMap<NodeId, string>;
  /** Nodes that have answered, with sessions or an error. */
  readonly asked: ReadonlySet<NodeId>;
}

export const EMPTY_SESSION_LIST: SessionList = Object.freeze({
  byNode: new Map(),
  errors: new Map(),
  asked: new Set<NodeId>(),
});

export function withSessionsOf(
  list: SessionList,
  node: NodeId,
  sessions: readonly SessionInfo[],
): SessionList {
  const errors = new Map(list.errors);
  errors.delete(node);
  const byNode = new Map(list.byNode).set(node, sessions.map(rowOf));
  return { byNode, errors, asked: new Set(list.asked).add(node) };
}

/** The node's sessions stay as last known. */
export function withListError(list: SessionList, node: NodeId, message: string): SessionList {
  return {
    ...list,
    errors: new Map(list.errors).set(node, oneLine(message)),
    asked: new Set(list.asked).add(node),
  };
}

/** Only the sessions of these nodes: those of a node that is away cannot be opened. */
export function ofNodes(list: SessionList, nodes: ReadonlySet<NodeId>): SessionList {
  const keep = <Value>(map: ReadonlyMap<NodeId, Value>) =>
    new Map([...map].filter(([node]) => nodes.has(node)));
  return {
    byNode: keep(list.byNode),
    errors: keep(list.errors),
    asked: new Set([...list.asked].filter((node) => nodes.has(node))),
  };
}

/** With the node's live sessions as they are now; what is known of its others stays. */
export function withLiveSessionsOf(
  list: SessionList,
  node: NodeId,
  live: readonly SessionInfo[],
): SessionList {
  const ids = new Set(live.map(({ id }) => id));
  const others = (list.byNode.get(node) ?? []).filter(({ id }) => !ids.has(id));
  return { ...list, byNode: new Map(list.byNode).set(node, [...live.map(rowOf), ...others]) };
}

/** With a session as its own node last described it. */
export function withSession(list: SessionList, info: SessionInfo): SessionList {
  const row = rowOf(info);
  const others = (list.byNode.get(row.node) ?? []).filter(({ id }) => id !== row.id);
  return { ...list, byNode: new Map(list.byNode).set(row.node, [...others, row]) };
}

/**
 * Newest first; closed ones after those that are open. `filter`: words that all occur in title, agent, node name or directory.
 */
export function sortedSessions(
  list: SessionList,
  filter: string,
  nameOf: (node: NodeId) => string,
): readonly SessionRow[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const matches = (row: SessionRow) => {
    const text = `${row.title} ${row.agent}@${nameOf(row.node)} ${row.cwd} ${row.state}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return [...list.byNode.values()]
    .flat()
    .filter(matches)
    .sort(
      (a, b) => closedLast(a) - closedLast(b) || b.updatedAtMs - a.updatedAtMs || a.id.localeCompare(b.id),
    );
}

/** How many sessions wait for a person. */
export function waitingSessions(list: SessionList): number {
  let waiting = 0;
  for (const rows of list.byNode.values())
    for (const { state } of rows) if (state === "permission") waiting++;
  return waiting;
}

export function rowOf(info: SessionInfo): SessionRow {
  return {
    id: info.id,
    agent: oneLine(info.agentId) || programName(info.source),
    node: nodeIdFromBytes(info.node),
    agentSessionId: info.source === SessionSource.AGENT ? info.agentSessionId : "",
    stored: info.source > SessionSource.AGENT,
    title: oneLine(info.title) || oneLine(info.description) || "new session",
    cwd: oneLine(info.cwd),
    state: stateName(info.state),
    createdAtMs: Number(info.createdAtUnixMs),
    updatedAtMs: Number(info.updatedAtUnixMs),
    watchers: info.watchers.length,
  };
}

/** Where no agent could take a session up: who keeps it. */
function programName(source: SessionSource): string {
  if (source === SessionSource.OPENCLAW) return "openclaw";
  if (source === SessionSource.CLAUDE_CODE) return "claude-code";
  return source === SessionSource.CODEX ? "codex" : "";
}

function closedLast({ state }: SessionRow): number {
  return state === "closed" ? 1 : 0;
}

function stateName(state: number): SessionStateName {
  if (state === SessionState.RUNNING) return "running";
  if (state === SessionState.PERMISSION) return "permission";
  return state === SessionState.CLOSED ? "closed" : "idle";
}
