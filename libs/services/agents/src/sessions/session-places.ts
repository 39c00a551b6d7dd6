import type { Clock } from "@clawmatrix/environment";
import { type Waiting, WaitingLine } from "../process/waiting-line.ts";
import type { Session } from "./session.ts";

export interface SessionLimits {
  /** Live sessions on this node. */
  readonly maxLive: number;
  /** Live sessions of one agent. */
  readonly maxLiveOf: (agentId: string) => number;
}

export interface SessionPlacesOptions {
  readonly clock: Clock;
  readonly limits: () => SessionLimits;
  /** The sessions that a process serves. */
  readonly live: () => readonly Session[];
}

/** The places for live sessions, of this node and of each agent. Where all are taken, callers wait their turn. */
export class SessionPlaces {
  readonly #options: SessionPlacesOptions;
  readonly #line: WaitingLine;
  /** Sessions that are being opened, by agent. */
  readonly #opening = new Map<string, number>();

  constructor(options: SessionPlacesOptions) {
    this.#options = options;
    this.#line = new WaitingLine({
      clock: options.clock,
      what: "a place for a session",
      hint: "close some, or raise max_sessions of the agent or max_live of [sessions] in the node's configuration",
    });
  }

  /**
   * Takes a place for a session that is to become live; the function that it gives ends that, whether or not it did. A
   * session that nobody uses, and that its agent can continue, makes room.
   * @throws StatusError RESOURCE_EXHAUSTED if too many wait already; CANCELLED.
   */
  async reserve(agentId: string, trustClass: string, waiting: Waiting): Promise<() => void> {
    return await this.#line.take(() => this.#take(agentId), trustClass, waiting);
  }

  /** A session has ceased to be live, or to be in use, or the limits have changed. */
  changed(): void {
    if (this.#line.length > 0) this.#line.advance();
  }

  #take(agentId: string): (() => void) | undefined {
    if (!this.#hasRoom(agentId) && !this.#makeRoom(agentId)) return undefined;
    this.#opening.set(agentId, (this.#opening.get(agentId) ?? 0) + 1);
    let reserved = true;
    return () => {
      if (!reserved) return;
      reserved = false;
      const left = (this.#opening.get(agentId) ?? 1) - 1;
      if (left > 0) this.#opening.set(agentId, left);
      else this.#opening.delete(agentId);
      this.changed();
    };
  }

  #hasRoom(agentId: string): boolean {
    const { maxLive, maxLiveOf } = this.#options.limits();
    return this.#count(agentId) < maxLiveOf(agentId) && this.#count(undefined) < maxLive;
  }

  #count(agentId: string | undefined): number {
    const live = this.#options.live().filter((session) => (agentId ?? session.agentId) === session.agentId);
    const opening = [...this.#opening].filter(([id]) => (agentId ?? id) === id);
    return opening.reduce((sum, [, count]) => sum + count, live.length);
  }

  #makeRoom(agentId: string): boolean {
    const ofAgent = this.#count(agentId) >= this.#options.limits().maxLiveOf(agentId);
    const unused = this.#options
      .live()
      .filter((session) => !session.inUse && session.continuable && (!ofAgent || session.agentId === agentId))
      .sort((a, b) => b.idleMs - a.idleMs);
    unused[0]?.park(true);
    return unused.length > 0 && this.#hasRoom(agentId);
  }
}
