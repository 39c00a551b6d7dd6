/** `closed`: ended by somebody; the others are live or, after a restart, may be taken up again. */
export type SessionState = "idle" | "running" | "permission" | "closed";

/** A session as it outlives the process of its agent and a restart of the node. */
export interface StoredSession {
  /** The mesh's own id of the session. */
  readonly id: string;
  readonly agentId: string;
  /** The id by which the agent's process knows the conversation; undefined until it said one. */
  readonly agentSessionId: string | undefined;
  /** Absolute directory in which the session runs. */
  readonly cwd: string;
  readonly title: string;
  readonly description: string;
  /** Id of the node from which the session was opened, as shown to people. */
  readonly ownerNode: string;
  /** Id of the client on that node; empty if the node itself. */
  readonly ownerClient: string;
  /** Processes are shared only within one trust class of callers. */
  readonly trustClass: string;
  readonly state: SessionState;
  /** Current ACP mode; undefined where the agent has none. */
  readonly modeId: string | undefined;
  /** JSON objects as ACP has them, whole. Default: `[]` or `{}`. */
  readonly mcpServersJson: string;
  readonly configOptionsJson: string;
  readonly clientCapabilitiesJson: string;
  /** ACP's `_meta` of the session, or `{}`. */
  readonly metaJson: string;
  /** Why the session was closed or could not be taken up again; empty if neither. */
  readonly endReason: string;
  /** Times in ms since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly closedAt: number | undefined;
}

/** What may change of a session; the rest is fixed when it is made. */
export type SessionChange = Partial<Omit<StoredSession, "id" | "agentId" | "createdAt">>;

export interface SessionQuery {
  readonly agentId?: string;
  readonly ownerNode?: string;
  readonly states?: readonly SessionState[];
  /** At most this many, 1 to 1,000. Default: 100. */
  readonly limit?: number;
  /** Continues after the last session of the page before. */
  readonly after?: { readonly updatedAt: number; readonly id: string };
}

/** The sessions of this node's agents. */
export interface Sessions {
  insert(session: StoredSession): void;
  /** False if there is no such session. */
  update(id: string, change: SessionChange): boolean;
  get(id: string): StoredSession | undefined;
  findByAgentSession(agentId: string, agentSessionId: string): StoredSession | undefined;
  /** A page, latest change first. */
  list(query?: SessionQuery): StoredSession[];
  count(states?: readonly SessionState[]): number;
  /** Removes the session with its events. */
  delete(id: string): boolean;
  /** Removes closed sessions last changed before `time` with their events; returns how many. */
  deleteClosedBefore(time: number): number;
}
