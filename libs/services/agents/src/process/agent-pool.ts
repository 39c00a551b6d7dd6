import type { JsonBytes } from "@clawmatrix/acp-wire";
import type { Timer } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import type { AgentSettings } from "../agent-settings.ts";
import { declaredCapabilities } from "./client-capabilities.ts";
import { type LaunchEnvironment, launchAgent } from "./launch-agent.ts";
import type { RunningAgent } from "./running-agent.ts";

/**
 * Who may share a process: callers of one trust class whose clients can do the same (an agent is told what its client
 * can once, when it starts). Conversations are never shared.
 */
export interface ProcessKey {
  /** As of `trustClassOf`. */
  readonly trustClass: string;
  /** ACP's ClientCapabilities of who opens the session; may be empty. */
  readonly clientCapabilities: JsonBytes;
}

/** A process in use until `release`, which is to be called once the session is attached to it, or failed to be. */
export interface ProcessLease {
  readonly agent: RunningAgent;
  release(): void;
}

interface Place {
  readonly launch: Promise<RunningAgent>;
  readonly abandon: AbortController;
  agent: RunningAgent | undefined;
  /** Resolves when the place is free again. */
  freed: Promise<void>;
}

/** Callers that may wait for a place of one agent. */
const MAX_WAITING = 64;
/** How often idle processes are looked for, as a share of the idle time, and at least. */
const SWEEPS_PER_IDLE_TIME = 4;
const SHORTEST_SWEEP_MS = 50;
/** A process whose sessions no other process could continue is kept longer, for a day. */
const UNRESUMABLE_IDLE_MS = 24 * 60 * 60 * 1_000;

/** The processes of one agent. */
export class AgentPool {
  #settings: AgentSettings;
  readonly #environment: LaunchEnvironment;
  readonly #onChange: () => void;
  readonly #places = new Map<string, Place>();
  readonly #waiting = new Set<() => void>();
  /** Rises when processes have to be started otherwise than before. */
  #generation = 0;
  #lastFailure: StatusError | undefined;
  #sweep: Timer | undefined;
  #stopped = false;

  constructor(settings: AgentSettings, environment: LaunchEnvironment, onChange: () => void) {
    this.#settings = settings;
    this.#environment = environment;
    this.#onChange = onChange;
  }

  get settings(): AgentSettings {
    return this.#settings;
  }

  /** Why the last start failed; undefined if it succeeded. */
  get lastFailure(): StatusError | undefined {
    return this.#lastFailure;
  }

  get processes(): number {
    return this.#places.size;
  }

  /** Takes new settings. Processes that were started otherwise serve their sessions on, and no new ones. */
  reconfigure(settings: AgentSettings): void {
    if (startedHow(settings) !== startedHow(this.#settings)) this.#generation++;
    this.#settings = settings;
  }

  /** Starts what is to be kept warm; failures are kept for `lastFailure`. */
  async prewarm(key: ProcessKey): Promise<void> {
    if (this.#settings.prewarm === 0) return;
    const lease = await this.acquire(key, { say: () => undefined }).catch(() => undefined);
    lease?.release();
  }

  /**
   * A process for this key: the running one, the one that is being started, or a new one, however many wait for it.
   * `say` hears what it waits for.
   * @throws StatusError why the process could not be started, to all who waited for it; RESOURCE_EXHAUSTED.
   */
  async acquire(
    key: ProcessKey,
    { say, signal }: { say: (progress: string) => void; signal?: AbortSignal },
  ): Promise<ProcessLease> {
    const capabilities = declaredCapabilities(key.clientCapabilities);
    const name = `${this.#generation} ${key.trustClass}\n${Buffer.from(capabilities).toString()}`;
    for (;;) {
      if (this.#stopped) throw stopping(this.#settings.id);
      const place = this.#places.get(name);
      if (place?.agent !== undefined && place.agent.ending === undefined) return lease(place.agent);
      if (place?.agent !== undefined) await unlessAborted(place.freed, signal);
      else if (place !== undefined || this.#places.size < this.#settings.maxProcesses) {
        say(`starting ${this.#settings.id}`);
        const launched = await unlessAborted((place ?? this.#launch(name, capabilities)).launch, signal);
        if (launched.ending === undefined) return lease(launched);
      } else await this.#waitForPlace(say, signal);
    }
  }

  /** Ends every process, also those that are being started; none is left when it resolves. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#sweep?.cancel();
    this.#wakeWaiting();
    const places = [...this.#places.values()];
    for (const place of places) place.abandon.abort(stopping(this.#settings.id));
    await Promise.all(places.map(async (place) => await place.agent?.stop()));
    await Promise.all(places.map((place) => place.freed));
  }

  #launch(name: string, clientCapabilities: JsonBytes): Place {
    const abandon = new AbortController();
    const { promise: freed, resolve: free } = Promise.withResolvers<void>();
    const options = { settings: this.#settings, clientCapabilities, signal: abandon.signal };
    const place: Place = {
      launch: launchAgent(this.#environment, options),
      abandon,
      agent: undefined,
      freed,
    };
    this.#places.set(name, place);
    const leave = (): void => {
      this.#places.delete(name);
      free();
      this.#wakeWaiting();
      this.#onChange();
    };
    place.launch.then(
      (agent) => {
        place.agent = agent;
        this.#lastFailure = undefined;
        void agent.ended.then(leave);
        this.#scheduleSweep();
        this.#onChange();
        if (this.#stopped) void agent.stop();
      },
      (thrown: unknown) => {
        this.#lastFailure = StatusError.from(thrown);
        leave();
      },
    );
    return place;
  }

  async #waitForPlace(say: (progress: string) => void, signal: AbortSignal | undefined): Promise<void> {
    const idle = [...this.#places.values()]
      .filter(({ agent }) => agent !== undefined && !agent.inUse && agent.replaceable)
      .sort((a, b) => (b.agent?.idleMs ?? 0) - (a.agent?.idleMs ?? 0))[0];
    if (idle?.agent !== undefined) {
      void idle.agent.retire();
      return await unlessAborted(idle.freed, signal);
    }
    if (this.#waiting.size >= MAX_WAITING) {
      throw new StatusError(
        StatusCode.RESOURCE_EXHAUSTED,
        `${MAX_WAITING} callers wait for a process of the agent "${this.#settings.id}" already`,
        { reason: "too-many-waiting", hint: "close sessions, or raise max_processes of the agent" },
      );
    }
    say(
      `waiting for a place: ${this.#places.size} processes of ${this.#settings.id} run, as many as are allowed`,
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    await unlessAborted(promise, signal).finally(() => this.#waiting.delete(resolve));
  }

  /** A place may be free: those who wait look again. */
  #wakeWaiting(): void {
    for (const wake of this.#waiting) wake();
  }

  #scheduleSweep(): void {
    if (this.#stopped || this.#places.size === 0) return;
    this.#sweep?.cancel();
    const pause = Math.max(SHORTEST_SWEEP_MS, this.#settings.idleMs / SWEEPS_PER_IDLE_TIME);
    this.#sweep = this.#environment.clock.schedule(pause, () => {
      this.#retireIdle();
      this.#scheduleSweep();
    });
  }

  #retireIdle(): void {
    let warm = this.#settings.prewarm;
    for (const { agent } of this.#places.values()) {
      if (agent === undefined || agent.ending !== undefined) continue;
      const allowed = agent.replaceable ? this.#settings.idleMs : UNRESUMABLE_IDLE_MS;
      if (agent.idleMs < allowed) continue;
      if (agent.sessions === 0 && warm-- > 0) continue;
      void agent.retire();
    }
    // Whoever waits may take the place of one that has become idle.
    this.#wakeWaiting();
  }
}

function startedHow({ command, env, directories }: AgentSettings): string {
  return JSON.stringify([command, typeof env === "function" ? "" : env, directories[0]]);
}

function lease(agent: RunningAgent): ProcessLease {
  return { agent, release: agent.hold() };
}

function stopping(agentId: string): StatusError {
  return new StatusError(StatusCode.UNAVAILABLE, `the agent "${agentId}" is being stopped`, {
    reason: "agent-stopping",
  });
}

/** Waits for `promise`, which goes on by itself, until the caller has gone. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise;
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => {
    reject(new StatusError(StatusCode.CANCELLED, "the caller has gone", { reason: "cancelled" }));
  };
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
