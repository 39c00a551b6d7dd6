import type { StatusError } from "@clawmatrix/protocol";
import type { RunningAgent } from "./running-agent.ts";

/** A process in use until `release`, which is to be called once the session is attached to it, or failed to be. */
export interface ProcessLease {
  readonly agent: RunningAgent;
  release(): void;
}

export function lease(agent: RunningAgent): ProcessLease {
  return { agent, release: agent.hold() };
}

/** What a caller's process must be like. */
export interface ProcessWanted {
  readonly trustClass: string;
  /** The JSON of what the agent is told that its client can. */
  readonly capabilities: string;
  /** Of the settings with which it is started. */
  readonly generation: number;
}

/** One of the places for processes of an agent, taken from the beginning of a start until the process has gone. */
export class ProcessPlace {
  /** Whose it is; undefined while it is kept ready for whoever comes first. */
  trustClass: string | undefined;
  /** Callers who wait for its start: once it has answered it is theirs, before anybody may end it as idle. */
  claims = 0;
  readonly capabilities: string;
  readonly generation: number;
  readonly launch: Promise<RunningAgent>;
  readonly #abandon = new AbortController();
  readonly #freed = Promise.withResolvers<void>();
  #agent: RunningAgent | undefined;

  constructor(
    {
      trustClass,
      capabilities,
      generation,
    }: Omit<ProcessWanted, "trustClass"> & {
      readonly trustClass: string | undefined;
    },
    launch: (signal: AbortSignal) => Promise<RunningAgent>,
  ) {
    this.trustClass = trustClass;
    this.capabilities = capabilities;
    this.generation = generation;
    this.launch = launch(this.#abandon.signal).then((agent) => {
      this.#agent = agent;
      if (this.#abandon.signal.aborted) void agent.stop();
      return agent;
    });
  }

  /** Nobody uses it, or is about to. */
  get isUnused(): boolean {
    return this.claims === 0 && this.#agent !== undefined && !this.#agent.inUse;
  }

  /** Undefined until it has answered `initialize`. */
  get agent(): RunningAgent | undefined {
    return this.#agent;
  }

  get isFree(): boolean {
    return this.trustClass === undefined;
  }

  get isUsable(): boolean {
    return !this.isAbandoned && this.#agent?.ending === undefined;
  }

  get isAbandoned(): boolean {
    return this.#abandon.signal.aborted;
  }

  /** Whether a session may be opened in it. `worn`: also where another process would do better. */
  serves(wanted: ProcessWanted, { worn }: { readonly worn: boolean } = { worn: false }): boolean {
    return this.trustClass === wanted.trustClass && this.#fits(wanted, worn);
  }

  /** Whether it is kept ready and may be taken. */
  suits(wanted: ProcessWanted): boolean {
    return this.isFree && this.#fits(wanted, false);
  }

  /** Ends the process, or its start; resolves once it has gone. */
  async abandon(why: StatusError): Promise<void> {
    this.#abandon.abort(why);
    await this.#agent?.stop();
    await this.#freed.promise;
  }

  /** It has gone. */
  free(): void {
    this.#freed.resolve();
  }

  #fits(wanted: ProcessWanted, worn: boolean): boolean {
    const wear = this.#agent?.wear;
    if (!this.isUsable || (wear !== undefined && (!worn || wear === "late"))) return false;
    return this.capabilities === wanted.capabilities && this.generation === wanted.generation;
  }
}
