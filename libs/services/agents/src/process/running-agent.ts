import type { AcpParams, JsonBytes } from "@clawmatrix/acp-wire";
import { AcpErrorCode } from "@clawmatrix/acp-wire";
import type { Clock, Logger } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { AcpConnection } from "../acp/acp-connection.ts";
import { AcpRefusal } from "../acp/acp-error.ts";
import type { AgentFeatures } from "./agent-features.ts";
import type { AgentProcess, ProcessExit } from "./agent-process.ts";
import { EarlyMessages } from "./early-messages.ts";
import type { Wear } from "./wear.ts";

/** A session, as the process behind it sees it. */
export interface SessionSink {
  /** A turn runs, a person is asked, or somebody follows: its process is not idle. */
  readonly inUse: boolean;
  /** Milliseconds since it was last in use. */
  readonly idleMs: number;
  /** Another process could continue it. */
  readonly continuable: boolean;
  notification(method: string, params: AcpParams): void;
  request(method: string, params: AcpParams, signal: AbortSignal): Promise<JsonBytes>;
  /** The process has ended. */
  agentExited(why: StatusError, stderrTail: string): void;
  /** Lets the process go, to be continued by another later. `closing`: the agent is told, since its process stays. */
  park(closing: boolean): void;
}

export interface RunningAgentOptions {
  readonly agentId: string;
  readonly process: AgentProcess;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The process of an agent, and the sessions that it serves. */
export class RunningAgent {
  readonly agentId: string;
  readonly connection: AcpConnection;
  /** When it began, on the monotonic clock. */
  readonly startedAt: number;
  /** Resolves once the process is gone and its sessions know. Never rejects. */
  readonly ended: Promise<void>;
  readonly #process: AgentProcess;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #sessions = new Map<string, SessionSink>();
  readonly #early = new EarlyMessages();
  #features: AgentFeatures | undefined;
  #initializeResult: JsonBytes = new Uint8Array();
  #broken: StatusError | undefined;
  #stopped = false;
  #ending: StatusError | undefined;
  #wear: Wear | undefined;
  #served = 0;
  #holds = 0;
  #lastUsedAt: number;

  constructor(options: RunningAgentOptions) {
    this.agentId = options.agentId;
    this.#process = options.process;
    this.#clock = options.clock;
    this.#logger = options.logger.child({ agent: options.agentId, pid: options.process.pid });
    this.startedAt = this.#lastUsedAt = options.clock.monotonic();
    this.connection = new AcpConnection({
      agentId: options.agentId,
      input: options.process.stdout,
      output: options.process.stdin,
      clock: options.clock,
      logger: this.#logger,
      handler: {
        request: (method, params, signal) => this.#request(method, params, signal),
        notification: (method, params) => this.#notification(method, params),
      },
      onBroken: (why) => {
        this.#broken = why;
        void this.kill();
      },
      onLate: (silent) => this.#late(silent),
    });
    this.ended = options.process.exited.then((exit) => this.#exited(exit));
  }

  get pid(): number {
    return this.#process.pid;
  }

  get stderrTail(): string {
    return this.#process.stderrTail;
  }

  /** Why it serves nobody any more; undefined while it does. */
  get ending(): StatusError | undefined {
    return this.#ending;
  }

  /** Whether it was this node that ended it. */
  get wasStopped(): boolean {
    return this.#stopped;
  }

  /** Why it takes no new sessions, where another process can; undefined while it does. */
  get wear(): Wear | undefined {
    return this.#wear;
  }

  wornBy(wear: Wear): void {
    this.#wear ??= wear;
  }

  /** Sessions that it has served so far. */
  get served(): number {
    return this.#served;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  get inUse(): boolean {
    return this.#holds > 0 || [...this.#sessions.values()].some((session) => session.inUse);
  }

  /** Milliseconds since it was last in use. */
  get idleMs(): number {
    return this.inUse ? 0 : this.#clock.monotonic() - this.#lastUsedAt;
  }

  /** What it can; known once it has answered `initialize`. */
  get features(): AgentFeatures {
    if (this.#features === undefined)
      throw new StatusError(StatusCode.INTERNAL, "the agent is not initialized yet");
    return this.#features;
  }

  /** ACP's InitializeResponse, whole. */
  get initializeResult(): JsonBytes {
    return this.#initializeResult;
  }

  initialized(features: AgentFeatures, result: JsonBytes): void {
    this.#features = features;
    this.#initializeResult = result;
    this.touch();
  }

  /**
   * Keeps the process, and what it says of sessions not attached yet, while a session is being opened. The function
   * that it gives ends that.
   */
  hold(): () => void {
    this.#holds++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.touch();
      if (--this.#holds === 0) this.#early.clear();
    };
  }

  /** From now on the session gets what the agent says of it, and first what it said before. */
  attach(agentSessionId: string, session: SessionSink): void {
    if (!this.#sessions.has(agentSessionId)) this.#served++;
    this.#sessions.set(agentSessionId, session);
    for (const { method, params } of this.#early.take(agentSessionId)) session.notification(method, params);
  }

  detach(agentSessionId: string, session: SessionSink): void {
    if (this.#sessions.get(agentSessionId) === session) this.#sessions.delete(agentSessionId);
    this.touch();
  }

  /** Whether this is the id of a session that it serves. */
  serves(agentSessionId: string): boolean {
    return this.#sessions.has(agentSessionId);
  }

  /** Another process could take over its sessions. */
  get replaceable(): boolean {
    return this.#sessions.size === 0 || this.features.resume || this.features.load;
  }

  /** Writes to the log what concerns this process. */
  note(what: string, error: string): void {
    this.#logger.warn(what, { error });
  }

  /** It was in use until now. */
  touch(): void {
    this.#lastUsedAt = this.#clock.monotonic();
  }

  /** Lets those sessions go that nobody has used for so long, so that it does not collect them for ever. */
  parkIdle(idleMs: number): void {
    if (this.features.close && this.replaceable) {
      for (const session of [...this.#sessions.values()])
        if (session.idleMs >= idleMs && session.continuable) session.park(true);
    }
  }

  /** Lets its sessions go, to be continued by another process, and stops it. */
  async retire(): Promise<void> {
    for (const session of [...this.#sessions.values()]) session.park(false);
    await this.stop();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ending ??= new StatusError(StatusCode.UNAVAILABLE, `the agent "${this.agentId}" is being stopped`, {
      reason: "agent-stopping",
    });
    await this.#process.stop();
    await this.ended;
  }

  async kill(): Promise<void> {
    this.#ending ??=
      this.#broken ?? new StatusError(StatusCode.UNAVAILABLE, `the agent "${this.agentId}" was ended`);
    await this.#process.kill();
    await this.ended;
  }

  /** An agent that says nothing is replaced at once; one that says other things may finish them, and takes no more. */
  #late(silent: boolean): void {
    if (this.#ending !== undefined) return;
    if (!silent) return this.wornBy("late");
    this.#logger.warn("an agent does not answer and is ended");
    this.#broken = new StatusError(
      StatusCode.UNAVAILABLE,
      `the process of the agent "${this.agentId}" did not answer any more and was ended`,
      { reason: "agent-unresponsive", hint: "`clawmatrix agents check` shows whether a new one answers" },
    );
    void this.kill();
  }

  #exited(exit: ProcessExit): void {
    const how = exit.signal === null ? `with exit code ${exit.code ?? "unknown"}` : `by ${exit.signal}`;
    const why =
      this.#broken ??
      new StatusError(StatusCode.UNAVAILABLE, `the process of the agent "${this.agentId}" ended ${how}`, {
        reason: "agent-exited",
        hint: "`clawmatrix agents check` shows whether it starts again",
      });
    this.#ending = why;
    const { lateAnswers, rubbishLines } = this.connection.counters;
    const counts = { lateAnswers, rubbishLines, droppedMessages: this.#early.dropped };
    this.#logger.info("the process of an agent has ended", {
      code: exit.code ?? exit.signal ?? "",
      ...counts,
    });
    this.connection.close(why);
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) session.agentExited(why, exit.stderrTail);
  }

  #notification(method: string, params: AcpParams): void {
    const { sessionId } = params.values;
    if (typeof sessionId !== "string") {
      // It concerns the process, hence everybody who uses it.
      for (const session of this.#sessions.values()) session.notification(method, params);
      return;
    }
    const session = this.#sessions.get(sessionId);
    if (session !== undefined) session.notification(method, params);
    else if (this.#holds > 0) this.#early.keep(sessionId, method, params);
    else this.#early.dropped++;
  }

  async #request(method: string, params: AcpParams, signal: AbortSignal): Promise<JsonBytes> {
    const { sessionId } = params.values;
    const session = typeof sessionId === "string" ? this.#sessions.get(sessionId) : undefined;
    if (session !== undefined) return await session.request(method, params, signal);
    if (sessionId !== undefined)
      throw new AcpRefusal(AcpErrorCode.invalidParams, "this session is not known");
    throw new AcpRefusal(AcpErrorCode.methodNotFound, `${method} is not served outside of a session`);
  }
}
