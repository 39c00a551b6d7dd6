import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { checkInteger, checkJson, checkText } from "./checked-values.ts";
import type { Database, Statement } from "./database.ts";

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

const MAX_ID_CHARACTERS = 128;
const MAX_PATH_CHARACTERS = 4_096;
const MAX_TITLE_CHARACTERS = 4_096;
const MAX_JSON_CHARACTERS = 1024 * 1024;
/** Ten times the sessions that a node is made to know. */
const MAX_SESSIONS = 100_000;
const MAX_PAGE = 1_000;
const DEFAULT_PAGE = 100;
/** Sorts after every id. */
const AFTER_ALL_IDS = "\u{10ffff}";

/** The column of every field, and how its value is checked. */
const COLUMNS = {
  id: ["id", text(MAX_ID_CHARACTERS, 1)],
  agentId: ["agent_id", text(MAX_ID_CHARACTERS, 1)],
  agentSessionId: ["agent_session_id", optional(text(MAX_TITLE_CHARACTERS, 1))],
  cwd: ["cwd", text(MAX_PATH_CHARACTERS, 1)],
  title: ["title", text(MAX_TITLE_CHARACTERS)],
  description: ["description", text(MAX_TITLE_CHARACTERS)],
  ownerNode: ["owner_node", text(MAX_ID_CHARACTERS)],
  ownerClient: ["owner_client", text(MAX_ID_CHARACTERS)],
  trustClass: ["trust_class", text(MAX_ID_CHARACTERS)],
  state: ["state", text(MAX_ID_CHARACTERS, 1)],
  modeId: ["mode_id", optional(text(MAX_TITLE_CHARACTERS))],
  mcpServersJson: ["mcp_servers_json", json],
  configOptionsJson: ["config_options_json", json],
  clientCapabilitiesJson: ["client_capabilities_json", json],
  metaJson: ["meta_json", json],
  endReason: ["end_reason", text(MAX_TITLE_CHARACTERS)],
  createdAt: ["created_at", time],
  updatedAt: ["updated_at", time],
  closedAt: ["closed_at", optional(time)],
} as const satisfies Record<keyof StoredSession, readonly [string, Check]>;

const FIELDS = Object.keys(COLUMNS) as (keyof StoredSession)[];
const SELECT = `SELECT ${FIELDS.map((field) => COLUMNS[field][0]).join(", ")} FROM sessions`;

type Value = string | number | null;
type Check = (name: string, value: unknown) => Value;
type Row = Record<string, Value>;

/** The sessions in the store's file. A loss of power may cost the latest changes; a session made is durable. */
export class SqliteSessions implements Sessions {
  readonly #database: Database;
  readonly #insert: Statement<never>;
  readonly #update: Statement<never>;
  readonly #get: Statement<Row>;
  readonly #byAgentSession: Statement<Row>;
  readonly #list: Statement<Row>;
  readonly #count: Statement<{ count: number }>;
  readonly #delete: Statement<never>;
  readonly #deleteClosed: Statement<never>;

  constructor(database: Database) {
    const columns = FIELDS.map((field) => COLUMNS[field][0]);
    this.#database = database;
    this.#insert = database.prepare(
      `INSERT INTO sessions (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
    );
    this.#update = database.prepare(
      `UPDATE sessions SET ${columns.map((column) => `${column} = ?`).join(", ")} WHERE id = ?`,
    );
    this.#get = database.prepare(`${SELECT} WHERE id = ?`);
    this.#byAgentSession = database.prepare(
      `${SELECT} WHERE agent_id = ? AND agent_session_id = ? ORDER BY updated_at DESC LIMIT 1`,
    );
    // The list of states is JSON, so that one statement serves every choice of them.
    this.#list = database.prepare(
      `${SELECT} WHERE (updated_at, id) < (?1, ?2) AND (?3 IS NULL OR agent_id = ?3)
         AND (?4 IS NULL OR owner_node = ?4) AND (?5 IS NULL OR state IN (SELECT value FROM json_each(?5)))
       ORDER BY updated_at DESC, id DESC LIMIT ?6`,
    );
    this.#count = database.prepare(
      "SELECT count(*) AS count FROM sessions WHERE ?1 IS NULL OR state IN (SELECT value FROM json_each(?1))",
    );
    this.#delete = database.prepare("DELETE FROM sessions WHERE id = ?");
    this.#deleteClosed = database.prepare("DELETE FROM sessions WHERE state = 'closed' AND updated_at < ?");
  }

  insert(session: StoredSession): void {
    const values = valuesOf(session);
    this.#database.transaction("durable", () => {
      if (this.count() >= MAX_SESSIONS) {
        throw new StatusError(
          StatusCode.RESOURCE_EXHAUSTED,
          `the store holds ${MAX_SESSIONS} sessions already: close some, and shorten how long closed ones are kept`,
        );
      }
      this.#insert.run(...values);
    });
  }

  update(id: string, change: SessionChange): boolean {
    return this.#database.transaction("written", () => {
      const session = this.get(id);
      if (session === undefined) return false;
      this.#update.run(...valuesOf({ ...session, ...change, id }), id);
      return true;
    });
  }

  get(id: string): StoredSession | undefined {
    return sessionOf(this.#get.get(id));
  }

  findByAgentSession(agentId: string, agentSessionId: string): StoredSession | undefined {
    return sessionOf(this.#byAgentSession.get(agentId, agentSessionId));
  }

  list(query: SessionQuery = {}): StoredSession[] {
    const limit = checkInteger("the limit of a page", query.limit ?? DEFAULT_PAGE, 1, MAX_PAGE);
    const { updatedAt, id } = query.after ?? { updatedAt: Number.MAX_SAFE_INTEGER, id: AFTER_ALL_IDS };
    const { agentId = null, ownerNode = null } = query;
    const rows = this.#list.all(updatedAt, id, agentId, ownerNode, jsonOf(query.states), limit);
    return rows.map((row) => sessionOf(row)!);
  }

  count(states?: readonly SessionState[]): number {
    return this.#count.get(jsonOf(states))?.count ?? 0;
  }

  delete(id: string): boolean {
    return this.#database.transaction("written", () => this.#delete.run(id) > 0);
  }

  deleteClosedBefore(time: number): number {
    return this.#database.transaction("written", () => this.#deleteClosed.run(time));
  }
}

function valuesOf(session: StoredSession): Value[] {
  return FIELDS.map((field) => COLUMNS[field][1](`the ${field} of a session`, session[field]));
}

function sessionOf(row: Row | undefined): StoredSession | undefined {
  if (row === undefined) return undefined;
  const entries = FIELDS.map((field) => [field, row[COLUMNS[field][0]] ?? undefined]);
  return Object.fromEntries(entries) as StoredSession;
}

function jsonOf(states: readonly SessionState[] | undefined): string | null {
  return states === undefined ? null : JSON.stringify(states);
}

function text(maxCharacters: number, minCharacters = 0): Check {
  return (name, value) => checkText(name, value as string, maxCharacters, minCharacters);
}

function optional(check: Check): Check {
  return (name, value) => (value === undefined ? null : check(name, value));
}

function json(name: string, value: unknown): string {
  return checkJson(name, value as string, MAX_JSON_CHARACTERS);
}

function time(name: string, value: unknown): number {
  return checkInteger(name, value as number);
}
