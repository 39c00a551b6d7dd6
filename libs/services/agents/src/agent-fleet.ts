import { AgentState, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { AgentSettings } from "./agent-settings.ts";
import { AgentPool } from "./process/agent-pool.ts";
import type { LaunchEnvironment } from "./process/launch-agent.ts";

/** What gossip and lists say of an agent. */
export interface AgentOfferState {
  readonly id: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly state: AgentState;
  /** Live sessions. */
  readonly sessions: number;
  /** Why it has failed, and until when it is left alone; empty unless it has. */
  readonly why: string;
}

/** The agents that this node offers, and their processes. */
export class AgentFleet {
  readonly #environment: LaunchEnvironment;
  readonly #liveSessions: (agentId: string) => number;
  readonly #onChange: () => void;
  readonly #pools = new Map<string, AgentPool>();
  /** Pools of agents that were taken out, until their processes are gone. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(
    environment: LaunchEnvironment,
    liveSessions: (agentId: string) => number,
    onChange: () => void,
  ) {
    this.#environment = environment;
    this.#liveSessions = liveSessions;
    this.#onChange = onChange;
  }

  /** @throws StatusError NOT_FOUND naming the agents that there are. */
  pool(agentId: string): AgentPool {
    const pool = this.#pools.get(agentId);
    if (pool !== undefined) return pool;
    const known = [...this.#pools.keys()].join(", ");
    throw new StatusError(
      StatusCode.NOT_FOUND,
      `this node offers no agent ${JSON.stringify(agentId.slice(0, 64))}`,
      {
        reason: "no-such-agent",
        hint: known === "" ? "`clawmatrix agents add` adds one" : `it offers: ${known}`,
      },
    );
  }

  /** Of all agents, in the order of the configuration. */
  get pools(): readonly AgentPool[] {
    return [...this.#pools.values()];
  }

  settings(agentId: string): AgentSettings | undefined {
    return this.#pools.get(agentId)?.settings;
  }

  /** Takes the settings of all agents: new ones are added, missing ones stopped. */
  reconfigure(all: readonly AgentSettings[]): void {
    for (const settings of all) {
      const pool = this.#pools.get(settings.id);
      if (pool !== undefined) pool.reconfigure(settings);
      else this.#pools.set(settings.id, new AgentPool(settings, this.#environment, this.#onChange));
    }
    const ids = new Set(all.map((settings) => settings.id));
    for (const [id, pool] of this.#pools) {
      if (ids.has(id)) continue;
      this.#pools.delete(id);
      const leaving = pool.stop().finally(() => this.#leaving.delete(leaving));
      this.#leaving.add(leaving);
    }
    this.#onChange();
  }

  /** Starts what is to be kept warm; does not wait for it. */
  prewarm(): void {
    for (const pool of this.#pools.values()) pool.prewarm();
  }

  offers(): AgentOfferState[] {
    return [...this.#pools.values()].map((pool) => {
      const { id, description, tags, maxSessions } = pool.settings;
      const sessions = this.#liveSessions(id);
      // What serves sessions works, whatever became of the latest start.
      const why = sessions === 0 ? (pool.failure ?? "") : "";
      const otherwise = sessions >= maxSessions ? AgentState.BUSY : AgentState.READY;
      return { id, description, tags, state: why === "" ? otherwise : AgentState.FAILED, sessions, why };
    });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.stop()));
    await Promise.all(this.#leaving);
  }
}
