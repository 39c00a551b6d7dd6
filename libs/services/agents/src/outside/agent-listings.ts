import { fromJson, isJsonObject, type JsonObject, toJson } from "@clawmatrix/acp-wire";
import type { Clock, Logger } from "@clawmatrix/environment";
import { SessionSource, StatusError } from "@clawmatrix/protocol";
import type { AgentPool } from "../process/agent-pool.ts";
import type { RunningAgent } from "../process/running-agent.ts";
import { OWN_TRUST_CLASS } from "../sessions/trust-class.ts";
import { latestFirst, type OutsideSession } from "./outside-session.ts";
import { outsideSessionId } from "./outside-session-id.ts";

export interface AgentListingsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeId: string;
}

/** A session that an agent itself lists. */
export interface AgentListedSession extends OutsideSession {
  readonly agentId: string;
}

/** One agent's sessions, as it last listed them. */
interface Listing {
  readonly sessions: readonly AgentListedSession[];
  readonly askedAt: number;
  /** It cannot list sessions. */
  readonly never: boolean;
}

/** A list younger than this is taken as it is. */
const FRESH_MS = 30_000;
/** Whether an agent has learnt to list, as by an update of its program, is asked as rarely as this. */
const RELEARN_MS = 60 * 60 * 1_000;
/** Sessions of one agent that are taken; the agent gives the newest first. */
const MAX_SESSIONS = 2_000;
const MAX_PAGES = 50;
/** For all pages together, the start of the agent included. */
const ASK_MS = 30_000;
/** How long the first who ask wait for an agent that has never been asked. */
const FIRST_WAIT_MS = 3_000;
/** Of a text that an agent gives. */
const MAX_TITLE_CHARACTERS = 200;
const MAX_ID_CHARACTERS = 1_024;
const MAX_PATH_CHARACTERS = 4_096;

/**
 * What agents answer to `session/list` (stable in ACP since March 2026; `sessionCapabilities.list` says who can). An agent is
 * started for it once, since only its process knows; afterwards it is asked again only while a process of it runs anyway.
 */
export class AgentListings {
  readonly #options: AgentListingsOptions;
  readonly #listings = new Map<string, Listing>();
  readonly #asking = new Map<string, Promise<void>>();
  /** Agents are asked one after the other: starting them all at once would take the machine away from its user. */
  #queue: Promise<void> = Promise.resolve();
  #stopped = new AbortController();

  constructor(options: AgentListingsOptions) {
    this.#options = options;
  }

  /** What these agents last listed, the latest first; older lists are renewed meanwhile. */
  async of(pools: readonly AgentPool[]): Promise<{ sessions: AgentListedSession[]; stale: boolean }> {
    const unknown = pools.flatMap((pool) => this.#renew(pool) ?? []);
    if (unknown.length > 0) await this.#atMost(FIRST_WAIT_MS, Promise.all(unknown));
    const ids = pools.map((pool) => pool.settings.id);
    const sessions = ids.flatMap((id) => this.#listings.get(id)?.sessions ?? []).sort(latestFirst);
    return { sessions, stale: ids.some((id) => this.#asking.has(id)) };
  }

  /** Whether an agent has listed a session of this id. */
  has(id: string): boolean {
    return [...this.#listings.values()].some(({ sessions }) => sessions.some((session) => session.id === id));
  }

  /** Agents were added, changed or taken out: what they listed is not shown any more. */
  changed(): void {
    this.#listings.clear();
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** The asking that has to be waited for, where nothing is known of the agent. */
  #renew(pool: AgentPool): Promise<void> | undefined {
    const { id } = pool.settings;
    const listing = this.#listings.get(id);
    if (this.#stopped.signal.aborted) return undefined;
    const running = this.#asking.get(id);
    if (running !== undefined) return listing === undefined ? running : undefined;
    if (listing !== undefined && !this.#isDue(listing, pool)) return undefined;
    const asking = this.#queue.then(() => this.#ask(pool)).finally(() => this.#asking.delete(id));
    this.#queue = asking;
    this.#asking.set(id, asking);
    return listing === undefined ? asking : undefined;
  }

  #isDue({ askedAt, never }: Listing, pool: AgentPool): boolean {
    const age = this.#options.clock.monotonic() - askedAt;
    return age >= (never ? RELEARN_MS : FRESH_MS) && pool.processes > 0;
  }

  async #ask(pool: AgentPool): Promise<void> {
    const { clock, logger } = this.#options;
    const { id } = pool.settings;
    const late = new AbortController();
    const timer = clock.schedule(ASK_MS, () => late.abort());
    const signal = AbortSignal.any([late.signal, this.#stopped.signal]);
    try {
      const key = { trustClass: OWN_TRUST_CLASS, clientCapabilities: new Uint8Array() };
      const lease = await pool.acquire(key, { say: () => undefined, signal });
      try {
        const { list } = lease.agent.features;
        const sessions = list ? await this.#list(id, lease.agent, pool.settings.timeoutMs, signal) : [];
        this.#listings.set(id, { sessions, askedAt: clock.monotonic(), never: !list });
      } finally {
        lease.release();
      }
    } catch (thrown) {
      // What it listed before is better than nothing, and it is asked again later.
      logger.debug("an agent did not list its sessions", {
        agent: id,
        error: StatusError.from(thrown).message,
      });
      const sessions = this.#listings.get(id)?.sessions ?? [];
      this.#listings.set(id, { sessions, askedAt: clock.monotonic(), never: false });
    } finally {
      timer.cancel();
    }
  }

  async #list(
    agentId: string,
    { connection }: RunningAgent,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<AgentListedSession[]> {
    const byId = new Map<string, AgentListedSession>();
    let cursor = "";
    for (let page = 0; page < MAX_PAGES && byId.size < MAX_SESSIONS; page++) {
      const params = toJson(cursor === "" ? {} : { cursor });
      const { bytes } = await connection.request("session/list", params, { timeoutMs, signal });
      const result = fromJson(bytes);
      const { sessions, nextCursor } = isJsonObject(result) ? result : ({} as JsonObject);
      for (const row of Array.isArray(sessions) ? sessions : []) {
        const session = this.#session(agentId, row);
        if (session !== undefined && byId.size < MAX_SESSIONS) byId.set(session.id, session);
      }
      if (typeof nextCursor !== "string" || nextCursor === "" || nextCursor === cursor) break;
      cursor = nextCursor;
    }
    return [...byId.values()];
  }

  /** ACP's SessionInfo; undefined for what is none. */
  #session(agentId: string, row: unknown): AgentListedSession | undefined {
    if (!isJsonObject(row)) return undefined;
    const { sessionId, cwd, title, updatedAt } = row;
    if (typeof sessionId !== "string" || sessionId === "" || sessionId.length > MAX_ID_CHARACTERS)
      return undefined;
    const time = typeof updatedAt === "string" ? Date.parse(updatedAt) : Number.NaN;
    const isPast = time > 0 && time <= this.#options.clock.now();
    const at = isPast ? Math.trunc(time) : 0;
    return Object.freeze({
      id: outsideSessionId(this.#options.nodeId, SessionSource.AGENT, `${agentId}/${sessionId}`),
      source: SessionSource.AGENT,
      agentId,
      agentSessionId: sessionId,
      cwd: typeof cwd === "string" && cwd.length <= MAX_PATH_CHARACTERS ? cwd : "",
      title:
        typeof title === "string"
          ? [...title.slice(0, 4 * MAX_TITLE_CHARACTERS)].slice(0, MAX_TITLE_CHARACTERS).join("")
          : "",
      description: "",
      createdAt: at,
      updatedAt: at,
    });
  }

  async #atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.clock.schedule(milliseconds, resolve, { keepAlive: true });
    await Promise.race([work, late]);
    timer.cancel();
  }
}
