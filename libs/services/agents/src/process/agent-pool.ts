import type { JsonBytes } from "@clawmatrix/acp-wire";
import type { Timer } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import type { AgentSettings } from "../agent-settings.ts";
import { declaredCapabilities } from "./client-capabilities.ts";
import { type LaunchEnvironment, launchAgent } from "./launch-agent.ts";
import { lease, type ProcessLease, ProcessPlace, type ProcessWanted } from "./process-place.ts";
import { StartBreaker } from "./start-breaker.ts";
import { unlessAborted } from "./unless-aborted.ts";
import { type Waiting, WaitingLine } from "./waiting-line.ts";
import { wearOf } from "./wear.ts";

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

/** How often processes are looked at, as a share of the idle time, and its bounds. */
const SWEEPS_PER_IDLE_TIME = 4;
const SHORTEST_SWEEP_MS = 50;
const LONGEST_SWEEP_MS = 30_000;
/** A process whose sessions no other process could continue is kept longer, for a day; an hour if it is worn. */
const UNRESUMABLE_IDLE_MS = 24 * 60 * 60 * 1_000;
const UNRESUMABLE_WORN_IDLE_MS = 60 * 60 * 1_000;
const NO_CAPABILITIES: JsonBytes = new Uint8Array();

/** The processes of one agent: started when wanted, or before; shared within a trust class; replaced when they have had their time. */
export class AgentPool {
  #settings: AgentSettings;
  readonly #environment: LaunchEnvironment;
  readonly #onChange: () => void;
  readonly #places = new Set<ProcessPlace>();
  readonly #line: WaitingLine;
  readonly #breaker: StartBreaker;
  /** Rises when processes have to be started otherwise than before. */
  #generation = 0;
  #sweep: Timer | undefined;
  #warmUp: Timer | undefined;
  #warming = false;
  #stopped = false;

  constructor(settings: AgentSettings, environment: LaunchEnvironment, onChange: () => void) {
    this.#settings = settings;
    this.#environment = environment;
    this.#onChange = onChange;
    this.#breaker = new StartBreaker(settings.id, environment.clock);
    this.#line = new WaitingLine({
      clock: environment.clock,
      what: `a process of the agent "${settings.id}"`,
      hint: "close sessions, or raise max_processes of the agent",
    });
  }

  get settings(): AgentSettings {
    return this.#settings;
  }

  /** Why the agent cannot be used at present; undefined while nothing says that it cannot. */
  get failure(): string | undefined {
    return this.#breaker.why;
  }

  get processes(): number {
    return this.#places.size;
  }

  /** Takes new settings. Processes that were started otherwise serve their sessions on, and no new ones. */
  reconfigure(settings: AgentSettings): void {
    if (startedHow(settings) !== startedHow(this.#settings)) {
      this.#generation++;
      this.#breaker.reset();
      for (const place of this.#places) if (place.isFree) place.abandon(stopping(settings.id));
    }
    this.#settings = settings;
    this.#line.advance();
    this.#keepWarm();
  }

  /** From now on as many processes as the settings say are kept ready for whoever comes. */
  prewarm(): void {
    this.#warming = true;
    this.#keepWarm();
  }

  /** A session was opened: the agent works. */
  worked(): void {
    this.#breaker.reset();
  }

  /**
   * A process for this key: the running one, one that is being started, one that was kept ready, or a new one.
   * @throws StatusError why the process could not be started, to all who waited for it; UNAVAILABLE "agent-failing";
   * RESOURCE_EXHAUSTED.
   */
  async acquire(key: ProcessKey, waiting: Waiting): Promise<ProcessLease> {
    const capabilities = declaredCapabilities(key.clientCapabilities, this.#settings.serve);
    for (;;) {
      const wanted = {
        trustClass: key.trustClass,
        capabilities: Buffer.from(capabilities).toString(),
        generation: this.#generation,
      };
      const place = await this.#line.take(() => this.#placeFor(wanted), key.trustClass, waiting);
      if (place.agent === undefined) waiting.say(`starting ${this.#settings.id}`);
      place.claims++;
      try {
        const agent = await unlessAborted(place.launch, waiting.signal);
        if (agent.ending === undefined) return lease(agent);
      } finally {
        place.claims--;
      }
    }
  }

  /** Ends every process, also those that are being started; none is left when it resolves. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#sweep?.cancel();
    this.#warmUp?.cancel();
    const why = stopping(this.#settings.id);
    this.#line.fail(why);
    await Promise.all([...this.#places].map((place) => place.abandon(why)));
  }

  /** A place that serves this, begun if need be; undefined if there is none now. */
  #placeFor(wanted: ProcessWanted): ProcessPlace | undefined {
    if (this.#stopped) throw stopping(this.#settings.id);
    const places = [...this.#places];
    const own = places.find((place) => place.serves(wanted));
    if (own !== undefined) return own;
    const ready = places.filter((place) => place.suits(wanted));
    const warm = ready.find((place) => place.agent !== undefined) ?? ready[0];
    if (warm !== undefined) {
      warm.trustClass = wanted.trustClass;
      queueMicrotask(() => this.#keepWarm());
      return warm;
    }
    this.#breaker.requireClosed();
    if (places.length < this.#settings.maxProcesses) return this.#launch(wanted);
    const worn = places.find((place) => place.serves(wanted, { worn: true }));
    if (worn === undefined) this.#makeRoom(places);
    return worn;
  }

  /** Ends the process that has been idle for longest, if one is and none is ending already. */
  #makeRoom(places: readonly ProcessPlace[]): void {
    if (places.some(({ agent }) => agent?.ending !== undefined)) return;
    const idle = places.flatMap(({ agent, isUnused }) => (isUnused && agent?.replaceable ? [agent] : []));
    void idle.sort((a, b) => b.idleMs - a.idleMs)[0]?.retire();
  }

  #launch(
    wanted: Omit<ProcessWanted, "trustClass"> & { readonly trustClass: string | undefined },
  ): ProcessPlace {
    const place = new ProcessPlace(wanted, (signal) =>
      launchAgent(this.#environment, {
        settings: this.#settings,
        clientCapabilities: Buffer.from(wanted.capabilities),
        signal,
      }),
    );
    this.#places.add(place);
    place.launch.then(
      (agent) => {
        this.#breaker.started();
        void agent.ended.then(() => {
          const died = !agent.wasStopped && agent.served === 0;
          if (died && agent.ending !== undefined) this.#breaker.failed(agent.ending);
          this.#freed(place);
        });
        this.#scheduleSweep();
        this.#onChange();
      },
      (thrown: unknown) => {
        if (!place.isAbandoned) this.#breaker.failed(StatusError.from(thrown));
        this.#freed(place);
      },
    );
    return place;
  }

  #freed(place: ProcessPlace): void {
    this.#places.delete(place);
    place.free();
    this.#line.advance();
    this.#keepWarm();
    this.#onChange();
  }

  /** Starts what is missing of what is to be kept ready; what fails is tried again after a pause that grows. */
  #keepWarm(): void {
    const { prewarm, maxProcesses, serve } = this.#settings;
    if (!this.#warming || this.#stopped || this.#line.length > 0) return;
    const wanted = {
      trustClass: undefined,
      capabilities: Buffer.from(declaredCapabilities(NO_CAPABILITIES, serve)).toString(),
      generation: this.#generation,
    };
    const ready = (): number => [...this.#places].filter((place) => place.isFree && place.isUsable).length;
    while (ready() < prewarm && this.#places.size < maxProcesses) {
      const { pauseMs } = this.#breaker;
      if (pauseMs > 0) {
        this.#warmUp?.cancel();
        this.#warmUp = this.#environment.clock.schedule(pauseMs, () => this.#keepWarm());
        return;
      }
      this.#launch(wanted);
    }
  }

  #scheduleSweep(): void {
    if (this.#stopped || this.#sweep !== undefined || this.#places.size === 0) return;
    const share = this.#settings.idleMs / SWEEPS_PER_IDLE_TIME;
    const pause = Math.min(LONGEST_SWEEP_MS, Math.max(SHORTEST_SWEEP_MS, share));
    this.#sweep = this.#environment.clock.schedule(pause, () => {
      void this.#retire().finally(() => {
        this.#sweep = undefined;
        this.#scheduleSweep();
      });
    });
  }

  async #retire(): Promise<void> {
    const { clock } = this.#environment;
    const { idleMs } = this.#settings;
    for (const place of [...this.#places]) {
      const { agent } = place;
      if (agent === undefined) continue;
      const wear = agent.wear ?? (await wearOf(agent, this.#settings, clock.monotonic() - agent.startedAt));
      if (agent.ending !== undefined) continue;
      if (wear !== undefined) agent.wornBy(wear);
      const whileWorn = agent.replaceable ? 0 : UNRESUMABLE_WORN_IDLE_MS;
      const whileFit = agent.replaceable ? idleMs : UNRESUMABLE_IDLE_MS;
      const isOld = place.generation !== this.#generation;
      const isKept = place.isFree && !isOld && wear === undefined;
      if (place.isUnused && !isKept && agent.idleMs >= (wear === undefined ? whileFit : whileWorn)) {
        void agent.retire();
      } else agent.parkIdle(idleMs);
    }
    // Whoever waits may take the place of one that has become idle.
    this.#line.advance();
    this.#onChange();
  }
}

function startedHow({ command, env, startedWith, directories, serve }: AgentSettings): string {
  const given = typeof env === "function" ? "" : env;
  return JSON.stringify([command, given, startedWith, directories[0], serve]);
}

function stopping(agentId: string): StatusError {
  return new StatusError(StatusCode.UNAVAILABLE, `the agent "${agentId}" is being stopped`, {
    reason: "agent-stopping",
  });
}
