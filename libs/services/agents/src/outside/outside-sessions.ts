import { SessionSource, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { AgentFleet } from "../agent-fleet.ts";
import type { SessionRegistry } from "../sessions/session-registry.ts";
import type { AgentListings } from "./agent-listings.ts";
import {
  latestFirst,
  type OutsidePage,
  type OutsideQuery,
  type OutsideSession,
  type OutsideTranscript,
  type ProgramSessions,
} from "./outside-session.ts";
import { outsideSessionId } from "./outside-session-id.ts";
import { programOf } from "./program-agents.ts";

/** One of these sessions, with the agents of this node that could take it up, the first of them being the one that does. */
export interface KnownOutsideSession extends OutsideSession {
  readonly agentIds: readonly string[];
}

export interface OutsideSessionsOptions {
  readonly nodeId: string;
  readonly fleet: AgentFleet;
  readonly registry: Pick<SessionRegistry, "isKnown" | "findByAgentSession">;
  readonly listings: AgentListings;
  /** Undefined: this node reads those of no program. */
  readonly programs: ProgramSessions | undefined;
  /** Whether agents are asked for their sessions. */
  readonly asksAgents: () => boolean;
}

const NONE: OutsidePage = Object.freeze({ sessions: [], stale: false });

/**
 * The sessions on this machine that the mesh does not have: those of other programs, and those that agents list themselves. What
 * was taken up, by whatever way, is the mesh's own from then on and not among them.
 */
export class OutsideSessions {
  readonly #options: OutsideSessionsOptions;

  constructor(options: OutsideSessionsOptions) {
    this.#options = options;
  }

  async page(query: OutsideQuery): Promise<OutsidePage<KnownOutsideSession>> {
    const { programs } = this.#options;
    const stored = (await programs?.page(query)) ?? NONE;
    const listed = await this.#listed();
    const after = listed.sessions.filter(
      (each) => query.after === undefined || latestFirst(query.after, each) < 0,
    );
    const sessions = [...stored.sessions, ...after.slice(0, query.limit)]
      .sort(latestFirst)
      .slice(0, query.limit);
    return { sessions: sessions.map((each) => this.#withAgents(each)), stale: stored.stale || listed.stale };
  }

  /** Undefined: there is none of this id, or the mesh has it. */
  async find(id: string): Promise<KnownOutsideSession | undefined> {
    if (this.#options.registry.isKnown(id)) return undefined;
    const found =
      (await this.#options.programs?.find(id)) ?? (await this.#listed()).sessions.find((s) => s.id === id);
    return found === undefined ? undefined : this.#withAgents(found);
  }

  /** Whether lists have shown a session of this id that the mesh does not have. */
  isListed(id: string): boolean {
    const { registry, programs, listings } = this.#options;
    return !registry.isKnown(id) && (programs?.isListed(id) === true || listings.has(id));
  }

  /** Whether the mesh has this session: it was taken up, or opened here and then written down by the agent's program. */
  isTaken({ id, agentSessionId, agentIds }: KnownOutsideSession): boolean {
    const { registry } = this.#options;
    if (registry.isKnown(id)) return true;
    if (agentSessionId === "") return false;
    return agentIds.some((agentId) => registry.findByAgentSession(agentId, agentSessionId) !== undefined);
  }

  /** @throws StatusError FAILED_PRECONDITION where only the agent knows what was said; as `ProgramSessions.read`. */
  async read(
    session: KnownOutsideSession,
    query: { readonly cursor: string; readonly limit: number },
  ): Promise<OutsideTranscript> {
    const { programs } = this.#options;
    if (session.source !== SessionSource.AGENT && programs !== undefined)
      return await programs.read(session.id, query);
    throw new StatusError(
      StatusCode.FAILED_PRECONDITION,
      `only the agent "${session.agentIds[0] ?? ""}" knows what was said in the session ${session.id}`,
      {
        reason: "transcript-not-read",
        hint: `\`clawmatrix session resume ${session.id}\` has the agent load it`,
      },
    );
  }

  /** The id that a session known to an agent has, or had, in lists. */
  idOf(agentId: string, agentSessionId: string): string {
    const { nodeId, fleet } = this.#options;
    const settings = fleet.settings(agentId);
    const program = settings === undefined ? undefined : programOf(settings);
    const isFile = program === SessionSource.CLAUDE_CODE || program === SessionSource.CODEX;
    return isFile
      ? outsideSessionId(nodeId, program, agentSessionId)
      : outsideSessionId(nodeId, SessionSource.AGENT, `${agentId}/${agentSessionId}`);
  }

  async #listed() {
    const { fleet, listings, programs, asksAgents } = this.#options;
    if (!asksAgents()) return { sessions: [], stale: false };
    // What a program keeps in files is read from them, without starting its agent.
    const isRead = (command: readonly string[]): boolean =>
      programs !== undefined && programOf({ command }) !== undefined;
    return await listings.of(fleet.pools.filter(({ settings }) => !isRead(settings.command)));
  }

  #withAgents(session: OutsideSession & { readonly agentId?: string }): KnownOutsideSession {
    return { ...session, agentIds: this.#agentsFor(session) };
  }

  #agentsFor({ source, agentSessionId, agentId }: OutsideSession & { readonly agentId?: string }): string[] {
    if (agentId !== undefined) return [agentId];
    if (agentSessionId === "") return [];
    return this.#options.fleet.pools.flatMap(({ settings }) =>
      programOf(settings) === source ? [settings.id] : [],
    );
  }
}
