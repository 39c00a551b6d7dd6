/** `closed`: no process serves it; `endReason` says why. The others are live, or were when the node was killed. */
export type StoredSessionState = "idle" | "running" | "permission" | "closed";

/** A session as it outlives the process of its agent and a restart of the node. */
export interface StoredSession {
  readonly id: string;
  readonly agentId: string;
  /** The id by which the agent knows the conversation. */
  readonly agentSessionId: string | undefined;
  readonly cwd: string;
  readonly title: string;
  readonly description: string;
  /** The node from which it was opened. */
  readonly ownerNode: string;
  /** The client of that node; may be empty. */
  readonly ownerClient: string;
  readonly trustClass: string;
  readonly state: StoredSessionState;
  readonly modeId: string | undefined;
  readonly mcpServersJson: string;
  readonly configOptionsJson: string;
  readonly clientCapabilitiesJson: string;
  /** As of `KeptFacts`, an object. */
  readonly metaJson: string;
  /** Why it has ended; empty where it has not. */
  readonly endReason: string;
  /** Times in ms since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly closedAt: number | undefined;
}

export type SessionChange = Partial<Omit<StoredSession, "id" | "agentId" | "createdAt">>;

export interface SessionQuery {
  readonly agentId?: string;
  /** Default: all. */
  readonly states?: readonly StoredSessionState[];
  /** 1 to 1,000. */
  readonly limit?: number;
  /** Continues after the last session of the page before. */
  readonly after?: { readonly updatedAt: number; readonly id: string };
}

/**
 * Where sessions are kept. The store of a node is one (`Sessions` of libs/store has this shape);
 * `MemorySessionStore` is one for as long as the process lives.
 */
export interface SessionStore {
  insert(session: StoredSession): void;
  /** False if there is no such session. */
  update(id: string, change: SessionChange): boolean;
  get(id: string): StoredSession | undefined;
  findByAgentSession(agentId: string, agentSessionId: string): StoredSession | undefined;
  /** Removes the session with its events. */
  delete(id: string): boolean;
  /** A page, latest change first. */
  list(query?: SessionQuery): StoredSession[];
}
