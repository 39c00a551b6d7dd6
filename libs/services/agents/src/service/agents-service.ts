import type { LifeCycle } from "@clawmatrix/environment";
import type {
  AgentServiceServer,
  AnswerRequest,
  AnswerResponseInit,
  CallContext,
  CancelRequest,
  CancelResponseInit,
  CheckAgentRequest,
  CheckAgentResponseInit,
  CloseSessionRequest,
  CloseSessionResponseInit,
  DescribeAgentRequest,
  DescribeAgentResponseInit,
  ForwardRequest,
  ForwardResponseInit,
  ListSessionsRequest,
  ListSessionsResponseInit,
  ListWaitingRequest,
  ListWaitingResponseInit,
  OpenSessionRequest,
  OpenSessionResponseInit,
  PromptRequest,
  PromptResponseInit,
  ReadHistoryRequest,
  ReadHistoryResponseInit,
  SetConfigOptionRequest,
  SetConfigOptionResponseInit,
  SetModeRequest,
  SetModeResponseInit,
  WatchRequest,
  WatchResponseInit,
  WatchWaitingRequest,
  WatchWaitingResponseInit,
} from "@clawmatrix/protocol";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { AgentFleet, type AgentOfferState } from "../agent-fleet.ts";
import type { AgentSettings } from "../agent-settings.ts";
import { InputDesk } from "../inputs/input-desk.ts";
import type { LaunchEnvironment } from "../process/launch-agent.ts";
import { allowedDirectory } from "../sessions/allowed-directory.ts";
import { ChangeSignal } from "../sessions/change-signal.ts";
import { MemoryEventLog } from "../sessions/memory-event-log.ts";
import { MemorySessionStore } from "../sessions/memory-session-store.ts";
import type { Session } from "../sessions/session.ts";
import type { SessionEnvironment } from "../sessions/session-environment.ts";
import { SessionOpener } from "../sessions/session-opener.ts";
import { SessionRegistry } from "../sessions/session-registry.ts";
import { type AgentRequestOptions, describeAgent, forwardToAgent } from "./agent-requests.ts";
import { type AgentsServiceOptions, DEFAULT_MAX_LIVE, DEFAULT_WAIT_MS } from "./agents-service-options.ts";
import { CallerRights, DEFAULT_AGENT_GRANTS } from "./caller-rights.ts";
import { checkAgent } from "./check-agent.ts";
import { drainTurns } from "./drain-turns.ts";
import { saidBy } from "./feed.ts";
import { listSessions } from "./list-sessions.ts";
import { openSession } from "./open-session.ts";
import { PromptStream } from "./prompt-stream.ts";
import { readHistory } from "./read-history.ts";
import { forward, type SessionRequestOptions, setConfigOption, setMode } from "./session-requests.ts";
import { waitingInputs, watchWaiting } from "./waiting-inputs.ts";
import { watchStream } from "./watch-stream.ts";

/** The agents of a node, their processes and sessions, as a service. */
export class AgentsService implements AgentServiceServer, LifeCycle {
  /** What `offers` says has changed. */
  readonly offerChanges = new ChangeSignal();
  readonly #options: AgentsServiceOptions;
  readonly #rights: CallerRights;
  readonly #desk: InputDesk;
  readonly #launch: LaunchEnvironment;
  readonly #fleet: AgentFleet;
  readonly #environment: SessionEnvironment;
  readonly #registry: SessionRegistry;
  readonly #opener: SessionOpener;
  #maxLive: number;
  #offered = "";
  #draining = false;

  constructor(options: AgentsServiceOptions) {
    const { clock, random, logger, nodeId, nodeIdBytes, env, softwareVersion } = options;
    this.#options = options;
    this.#maxLive = options.maxLive ?? DEFAULT_MAX_LIVE;
    this.#rights = new CallerRights({
      nodeId,
      nodeIdBytes,
      nodeName: options.nodeName ?? (() => ""),
      grants: options.grants ?? DEFAULT_AGENT_GRANTS,
    });
    this.#desk = new InputDesk({ clock, random, waitMs: options.waitMs ?? DEFAULT_WAIT_MS });
    this.#launch = { clock, logger, env, softwareVersion };
    this.#environment = {
      clock,
      random,
      logger,
      nodeId,
      nodeIdBytes,
      log: options.eventLog ?? new MemoryEventLog(),
      store: options.sessionStore ?? new MemorySessionStore(),
      desk: this.#desk,
      permissionDefault: (agentId) => this.#fleet.settings(agentId)?.permission ?? "ask",
      continueSession: async (session) => {
        await this.#opener.resume(session, { say: () => undefined });
      },
      onChange: () => this.#noteOffers(),
      onUnused: (session) => this.#registry.forgetUnused(session),
    };
    this.#registry = new SessionRegistry(this.#environment, () => ({
      maxLive: this.#maxLive,
      maxLiveOf: (agentId) => this.#fleet.settings(agentId)?.maxSessions ?? 0,
    }));
    const liveOf = (agentId: string): number =>
      this.#registry.live.filter((s) => s.agentId === agentId).length;
    this.#fleet = new AgentFleet(this.#launch, liveOf, () => this.#noteOffers());
    this.#opener = new SessionOpener({
      clock,
      random,
      nodeId,
      home: options.home,
      registry: this.#registry,
      pool: (agentId) => this.#fleet.pool(agentId),
    });
    this.#fleet.reconfigure(options.agents);
  }

  async start(): Promise<void> {
    this.#fleet.prewarm();
  }

  async stop(): Promise<void> {
    this.#registry.stop();
    await this.#fleet.stop();
  }

  /** Turns that run now. */
  get runningTurns(): number {
    return this.#registry.live.filter((session) => session.runningTurn !== undefined).length;
  }

  /**
   * From now on new sessions and prompts are refused; waits for the turns that run and for what waits behind them, for
   * `graceMs` milliseconds at most. Says how many still run then.
   */
  async drain(graceMs: number, signal?: AbortSignal): Promise<number> {
    this.#draining = true;
    return await drainTurns({ sessions: this.#registry.live, graceMs, clock: this.#options.clock, signal });
  }

  /** Takes new settings while running. Live sessions of agents that are still there go on. */
  reconfigure(agents: readonly AgentSettings[], limits: { maxLive?: number; waitMs?: number } = {}): void {
    this.#maxLive = limits.maxLive ?? this.#maxLive;
    if (limits.waitMs !== undefined) this.#desk.waitMs = limits.waitMs;
    this.#fleet.reconfigure(agents);
    this.#fleet.prewarm();
  }

  /** What gossip says of this node's agents; `offerChanges` tells when that changes. */
  offers(): AgentOfferState[] {
    return this.#fleet.offers();
  }

  /** Live sessions on this node. */
  get liveSessions(): number {
    return this.#registry.live.length;
  }

  async listSessions(
    request: ListSessionsRequest,
    { caller }: CallContext,
  ): Promise<ListSessionsResponseInit> {
    return listSessions(request, {
      registry: this.#registry,
      environment: this.#environment,
      maySee: (session) => this.#rights.mayWatch(caller, session),
    });
  }

  openSession(
    request: OpenSessionRequest,
    { caller, signal }: CallContext,
  ): AsyncIterable<OpenSessionResponseInit> {
    this.#requireOpen();
    return openSession(request, {
      caller,
      signal,
      rights: this.#rights,
      registry: this.#registry,
      opener: this.#opener,
    });
  }

  prompt(requests: AsyncIterable<PromptRequest>, context: CallContext): AsyncIterable<PromptResponseInit> {
    const stream = new PromptStream({
      context,
      desk: this.#desk,
      session: (id) => {
        this.#requireOpen();
        return this.#controlled(id, context);
      },
      participant: this.#rights.participant(context.caller, true),
    });
    return stream.run(requests);
  }

  async *watch(
    request: WatchRequest,
    { caller, signal }: CallContext,
  ): AsyncGenerator<WatchResponseInit, void> {
    const session = this.#watched(request.sessionId, caller);
    const control = !request.watchOnly && this.#rights.mayControl(caller, session.record);
    const participant = this.#rights.participant(caller, control);
    try {
      yield* watchStream({ session, request, participant, signal });
    } finally {
      this.#registry.forgetUnused(session);
    }
  }

  async answer({ answer }: AnswerRequest, { caller }: CallContext): Promise<AnswerResponseInit> {
    const id = answer?.id ?? "";
    const input = this.#desk.find(id);
    if (input === undefined) throw this.#desk.noLongerWaiting(id);
    this.#rights.requireControl(caller, this.#registry.record(input.sessionId));
    this.#desk.answer(id, answer?.answer ?? { case: undefined }, this.#rights.participant(caller, true));
    return {};
  }

  async cancel({ sessionId }: CancelRequest, context: CallContext): Promise<CancelResponseInit> {
    return { wasRunning: this.#with(this.#controlled(sessionId, context), (session) => session.cancel()) };
  }

  async setMode(request: SetModeRequest, context: CallContext): Promise<SetModeResponseInit> {
    return await this.#withLive(request.sessionId, context, async (session, options) => ({
      responseJson: await setMode(session, request, options),
    }));
  }

  async setConfigOption(
    request: SetConfigOptionRequest,
    context: CallContext,
  ): Promise<SetConfigOptionResponseInit> {
    return await this.#withLive(request.sessionId, context, async (session, options) => ({
      responseJson: await setConfigOption(session, request, options),
    }));
  }

  async forward(request: ForwardRequest, context: CallContext): Promise<ForwardResponseInit> {
    if (request.sessionId === "" && request.agentId !== "") {
      return await forwardToAgent(request, this.#processOf(request.agentId, context));
    }
    return await this.#withLive(request.sessionId, context, (session, options) =>
      forward(session, request, options),
    );
  }

  async describeAgent(
    request: DescribeAgentRequest,
    context: CallContext,
  ): Promise<DescribeAgentResponseInit> {
    this.#requireOpen();
    return await describeAgent(request, this.#processOf(request.agentId, context));
  }

  async closeSession(
    { sessionId }: CloseSessionRequest,
    context: CallContext,
  ): Promise<CloseSessionResponseInit> {
    const session = this.#controlled(sessionId, context);
    await session.close(this.#fleet.settings(session.agentId)?.timeoutMs ?? 0);
    this.#registry.forgetUnused(session);
    return {};
  }

  async readHistory(request: ReadHistoryRequest, { caller }: CallContext): Promise<ReadHistoryResponseInit> {
    return this.#with(this.#watched(request.sessionId, caller), (session) => readHistory(session, request));
  }

  async listWaiting(_request: ListWaitingRequest, { caller }: CallContext): Promise<ListWaitingResponseInit> {
    return { inputs: waitingInputs(this.#desk, this.#mayAnswer(caller)) };
  }

  watchWaiting(_request: WatchWaitingRequest, context: CallContext): AsyncIterable<WatchWaitingResponseInit> {
    return watchWaiting(this.#desk, this.#mayAnswer(context.caller), context.signal);
  }

  async *checkAgent(
    { agentId }: CheckAgentRequest,
    context: CallContext,
  ): AsyncGenerator<CheckAgentResponseInit, void> {
    this.#rights.requireAgent(context.caller, agentId);
    const { settings } = this.#fleet.pool(agentId);
    const { home } = this.#options;
    const cwd = await allowedDirectory("", { agentId, allowed: settings.directories, home });
    const { signal } = context;
    yield* saidBy<CheckAgentResponseInit>((say) =>
      checkAgent({ settings, environment: this.#launch, cwd, say, signal }),
    );
  }

  #processOf(agentId: string, { caller, signal }: CallContext): AgentRequestOptions {
    this.#rights.requireAgent(caller, agentId);
    return { caller, signal, nodeId: this.#options.nodeId, pool: this.#fleet.pool(agentId) };
  }

  #requireOpen(): void {
    if (!this.#draining) return;
    throw new StatusError(StatusCode.UNAVAILABLE, "the node is stopping and takes no new work", {
      reason: "stopping",
      hint: "try again once it is back",
    });
  }

  #watched(id: string, caller: CallContext["caller"]): Session {
    this.#rights.requireWatch(caller, this.#registry.record(id));
    return this.#registry.find(id);
  }

  #controlled(id: string, { caller }: Pick<CallContext, "caller">): Session {
    this.#rights.requireControl(caller, this.#registry.record(id));
    return this.#registry.find(id);
  }

  /** Uses a session that the caller may control, continued first if its process has gone. */
  async #withLive<T>(
    id: string,
    context: CallContext,
    use: (session: Session, options: SessionRequestOptions) => Promise<T>,
  ): Promise<T> {
    const session = this.#controlled(id, context);
    try {
      if (session.endReason !== "closed") await this.#opener.resume(session, { say: () => undefined });
      const { timeoutMs } = this.#fleet.pool(session.agentId).settings;
      return await use(session, { timeoutMs, signal: context.signal });
    } finally {
      this.#registry.forgetUnused(session);
    }
  }

  #with<T>(session: Session, use: (session: Session) => T): T {
    try {
      return use(session);
    } finally {
      this.#registry.forgetUnused(session);
    }
  }

  #mayAnswer(caller: CallContext["caller"]): (sessionId: string) => boolean {
    return (sessionId) => {
      const record = this.#registry.inMemory(sessionId)?.record;
      return record !== undefined && this.#rights.mayControl(caller, record);
    };
  }

  #noteOffers(): void {
    const offered = JSON.stringify(this.offers());
    if (offered === this.#offered) return;
    this.#offered = offered;
    this.offerChanges.notify();
  }
}
