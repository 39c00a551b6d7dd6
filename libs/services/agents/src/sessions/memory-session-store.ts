import type { SessionChange, SessionQuery, SessionStore, StoredSession } from "./session-store.ts";

/** As many as a node is made for; past that the one changed longest ago is forgotten. */
const MAX_SESSIONS = 10_000;
const DEFAULT_PAGE = 100;

/** Keeps sessions for as long as the process lives. */
export class MemorySessionStore implements SessionStore {
  readonly #sessions = new Map<string, StoredSession>();

  insert(session: StoredSession): void {
    this.#sessions.set(session.id, session);
    if (this.#sessions.size > MAX_SESSIONS) {
      const [oldest = ""] = this.#sessions.keys();
      this.#sessions.delete(oldest);
    }
  }

  update(id: string, change: SessionChange): boolean {
    const session = this.#sessions.get(id);
    if (session === undefined) return false;
    // Set again, it is the last in the map's order: the one changed latest.
    this.#sessions.delete(id);
    this.#sessions.set(id, { ...session, ...change });
    return true;
  }

  get(id: string): StoredSession | undefined {
    return this.#sessions.get(id);
  }

  findByAgentSession(agentId: string, agentSessionId: string): StoredSession | undefined {
    return [...this.#sessions.values()].find(
      (s) => s.agentId === agentId && s.agentSessionId === agentSessionId,
    );
  }

  delete(id: string): boolean {
    return this.#sessions.delete(id);
  }

  list(query: SessionQuery = {}): StoredSession[] {
    const { agentId, states, after, limit = DEFAULT_PAGE } = query;
    return [...this.#sessions.values()]
      .filter((session) => agentId === undefined || session.agentId === agentId)
      .filter((session) => states === undefined || states.includes(session.state))
      .sort(latestFirst)
      .filter((session) => after === undefined || latestFirst(after, session) < 0)
      .slice(0, limit);
  }
}

function latestFirst(
  a: Pick<StoredSession, "updatedAt" | "id">,
  b: Pick<StoredSession, "updatedAt" | "id">,
): number {
  return b.updatedAt - a.updatedAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}
