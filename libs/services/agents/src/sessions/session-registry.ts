import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { Session } from "./session.ts";
import type { SessionEnvironment } from "./session-environment.ts";
import { type SessionLimits, SessionPlaces } from "./session-places.ts";
import type { StoredSession } from "./session-store.ts";

/** The sessions of this node: those in memory, which a process serves or somebody follows, and those in the store. */
export class SessionRegistry {
  readonly #environment: SessionEnvironment;
  readonly #sessions = new Map<string, Session>();
  /** The places for sessions that are live. */
  readonly places: SessionPlaces;

  constructor(environment: SessionEnvironment, limits: () => SessionLimits) {
    this.#environment = environment;
    this.places = new SessionPlaces({ clock: environment.clock, limits, live: () => this.live });
  }

  /** Sessions that a process serves. */
  get live(): Session[] {
    return [...this.#sessions.values()].filter((session) => session.live);
  }

  /** Whether the mesh has this session, in memory or in the store. */
  isKnown(id: string): boolean {
    return this.#sessions.has(id) || this.#environment.store.get(id) !== undefined;
  }

  /** In memory only. */
  inMemory(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  /** Keeps a session that has just been made. */
  add(record: StoredSession): Session {
    this.#environment.store.insert(record);
    const session = new Session(record, this.#environment);
    this.#sessions.set(record.id, session);
    return session;
  }

  /**
   * The session of this id, read from the store if need be. Call `forgetUnused` once it is not needed any more.
   * @throws StatusError NOT_FOUND.
   */
  find(id: string): Session {
    const known = this.#sessions.get(id);
    if (known !== undefined) return known;
    const session = new Session(this.record(id), this.#environment);
    this.#sessions.set(id, session);
    return session;
  }

  /**
   * What is known of a session without taking it into memory: enough to say who may do what with it.
   * @throws StatusError NOT_FOUND.
   */
  record(id: string): StoredSession {
    const record = this.#sessions.get(id)?.record ?? this.#environment.store.get(id);
    if (record === undefined) {
      throw new StatusError(
        StatusCode.NOT_FOUND,
        `there is no session ${JSON.stringify(id.slice(0, 64))} on this node`,
        {
          reason: "no-such-session",
          hint: "`clawmatrix session list` shows those that there are",
        },
      );
    }
    return record;
  }

  findByAgentSession(agentId: string, agentSessionId: string): StoredSession | undefined {
    for (const session of this.#sessions.values()) {
      if (session.agentId === agentId && session.process.agentSessionId === agentSessionId)
        return session.record;
    }
    return this.#environment.store.findByAgentSession(agentId, agentSessionId);
  }

  /** Drops a session from memory that neither a process nor a person needs there; the store still has it. */
  forgetUnused(session: Session): void {
    this.places.changed();
    if (session.live || session.inUse || this.#sessions.get(session.id) !== session) return;
    session.journal.flush();
    this.#sessions.delete(session.id);
  }

  /** Removes a session that never came to be. */
  remove(session: Session): void {
    this.#sessions.delete(session.id);
    this.#environment.store.delete(session.id);
  }

  /** Ends all: the node is being stopped. */
  stop(): void {
    for (const session of this.#sessions.values()) session.nodeStopped();
    this.#sessions.clear();
  }
}
