import { checkJson } from "@clawmatrix/acp-wire";
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
import type { AgentOfferState } from "../agent-fleet.ts";
import type { AgentSettings } from "../agent-settings.ts";
import { allowedDirectory } from "../sessions/allowed-directory.ts";
import { ChangeSignal } from "../sessions/change-signal.ts";
import { closeSession } from "../sessions/close-session.ts";
import { recoverSessions } from "../sessions/recover-sessions.ts";
import { setConfigOption, setMode } from "../sessions/session-settings.ts";
import { type AgentRequestOptions, describeAgent, forwardToAgent } from "./agent-requests.ts";
import { type AgentsServiceOptions, DEFAULT_MAX_LIVE } from "./agents-service-options.ts";
import { checkAgent } from "./check-agent.ts";
import { drainTurns } from "./drain-turns.ts";
import { saidBy } from "./feed.ts";
import { listSessions } from "./list-sessions.ts";
import { openSession } from "./open-session.ts";
import { OutsideAccess } from "./outside-access.ts";
import { PromptStream } from "./prompt-stream.ts";
import { readHistory } from "./read-history.ts";
import { buildServiceParts, type ServiceParts } from "./service-parts.ts";
import { SessionAccess } from "./session-access.ts";
import { forward } from "./session-requests.ts";
import { waitingInputs, watchWaiting } from "./waiting-inputs.ts";
import { watchStream } from "./watch-stream.ts";

/** The agents of a node, their processes and sessions, as a service. */
export class AgentsService implements AgentServiceServer, LifeCycle {
  /** What `offers` says has changed. */
  readonly offerChanges = new ChangeSignal();
  readonly #options: AgentsServiceOptions;
  readonly #parts: ServiceParts;
  readonly #sessions: SessionAccess;
  readonly #outside: OutsideAccess;
  #maxLive: number;
  #offered = "";
  #draining = false;

  constructor(options: AgentsServiceOptions) {
    this.#options = options;
    this.#maxLive = options.maxLive ?? DEFAULT_MAX_LIVE;
    this.#parts = buildServiceParts(options, {
      maxLive: () => this.#maxLive,
      onChange: () => this.#noteOffers(),
    });
    this.#sessions = new SessionAccess(this.#parts);
    this.#outside = new OutsideAccess(this.#parts);
    this.#parts.fleet.reconfigure(options.agents);
  }

  /** Puts in order what an earlier run of the node left behind when it was killed, and warms up. */
  async start(): Promise<void> {
    const { ledger, environment, fleet } = this.#parts;
    await ledger.endLeftOvers();
    recoverSessions(environment);
    fleet.prewarm();
  }

  async stop(): Promise<void> {
    this.#parts.listings.stop();
    this.#parts.registry.stop();
    await this.#parts.fleet.stop();
  }

  /** Turns that run now. */
  get runningTurns(): number {
    return this.#parts.registry.live.filter((session) => session.runningTurn !== undefined).length;
  }

  /**
   * From now on new sessions and prompts are refused; waits for the turns that run and for what waits behind them, for
   * `graceMs` milliseconds at most. Says how many still run then.
   */
  async drain(graceMs: number, signal?: AbortSignal): Promise<number> {
    this.#draining = true;
    return await drainTurns({
      sessions: this.#parts.registry.live,
      graceMs,
      clock: this.#options.clock,
      signal,
    });
  }

  /** Takes new settings while running. Live sessions of agents that are still there go on. */
  reconfigure(agents: readonly AgentSettings[], limits: { maxLive?: number; waitMs?: number } = {}): void {
    this.#maxLive = limits.maxLive ?? this.#maxLive;
    if (limits.waitMs !== undefined) this.#parts.desk.waitMs = limits.waitMs;
    this.#parts.fleet.reconfigure(agents);
    this.#parts.listings.changed();
    this.#parts.registry.places.changed();
    this.#parts.fleet.prewarm();
  }

  /** What gossip says of this node's agents; `offerChanges` tells when that changes. */
  offers(): AgentOfferState[] {
    return this.#parts.fleet.offers();
  }

  /** Live sessions on this node. */
  get liveSessions(): number {
    return this.#parts.registry.live.length;
  }

  async listSessions(
    request: ListSessionsRequest,
    { caller }: CallContext,
  ): Promise<ListSessionsResponseInit> {
    return await listSessions(request, {
      ...this.#parts,
      maySee: (session) => this.#parts.rights.mayWatch(caller, session),
      maySeeOutside: this.#outside.maySee(caller),
    });
  }

  openSession(
    request: OpenSessionRequest,
    { caller, signal }: CallContext,
  ): AsyncIterable<OpenSessionResponseInit> {
    this.#requireOpen();
    return openSession(request, { ...this.#parts, caller, signal, outsideAccess: this.#outside });
  }

  prompt(requests: AsyncIterable<PromptRequest>, context: CallContext): AsyncIterable<PromptResponseInit> {
    const stream = new PromptStream({
      context,
      desk: this.#parts.desk,
      session: (id) => {
        this.#requireOpen();
        return this.#sessions.controlled(id, context.caller);
      },
      participant: this.#parts.rights.participant(context.caller, true),
    });
    return stream.run(requests);
  }

  async *watch(
    request: WatchRequest,
    { caller, signal }: CallContext,
  ): AsyncGenerator<WatchResponseInit, void> {
    const stored = await this.#outside.watched(request.sessionId, caller);
    if (stored !== undefined) return yield* this.#outside.watch(stored, request, signal);
    const session = this.#sessions.watched(request.sessionId, caller);
    const control = !request.watchOnly && this.#parts.rights.mayControl(caller, session.record);
    const participant = this.#parts.rights.participant(caller, control);
    try {
      yield* watchStream({ session, request, participant, signal });
    } finally {
      this.#parts.registry.forgetUnused(session);
    }
  }

  async answer({ answer }: AnswerRequest, { caller }: CallContext): Promise<AnswerResponseInit> {
    const id = answer?.id ?? "";
    const input = this.#parts.desk.find(id);
    if (input === undefined) throw this.#parts.desk.noLongerWaiting(id);
    this.#parts.rights.requireControl(caller, this.#parts.registry.record(input.sessionId));
    this.#parts.desk.answer(
      id,
      answer?.answer ?? { case: undefined },
      this.#parts.rights.participant(caller, true),
    );
    return {};
  }

  async cancel({ sessionId }: CancelRequest, context: CallContext): Promise<CancelResponseInit> {
    return {
      wasRunning: this.#sessions.use(this.#sessions.controlled(sessionId, context.caller), (session) =>
        session.cancel(),
      ),
    };
  }

  async setMode(request: SetModeRequest, context: CallContext): Promise<SetModeResponseInit> {
    return await this.#sessions.withLive(request.sessionId, context, async (session, options) => ({
      responseJson: await setMode(session, request.modeId, options),
    }));
  }

  async setConfigOption(
    request: SetConfigOptionRequest,
    context: CallContext,
  ): Promise<SetConfigOptionResponseInit> {
    const { configId } = request;
    const value = checkJson(request.valueJson, "value_json", "value");
    return await this.#sessions.withLive(request.sessionId, context, async (session, options) => ({
      responseJson: await setConfigOption(session, { configId, value }, options),
    }));
  }

  async forward(request: ForwardRequest, context: CallContext): Promise<ForwardResponseInit> {
    if (request.sessionId === "" && request.agentId !== "") {
      return await forwardToAgent(request, this.#processOf(request.agentId, context));
    }
    return await this.#sessions.withLive(request.sessionId, context, (session, options) =>
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
    const session = this.#sessions.controlled(sessionId, context.caller);
    const { clock, logger } = this.#options;
    const timeoutMs = this.#parts.fleet.settings(session.agentId)?.timeoutMs ?? 0;
    await closeSession(session, { timeoutMs, clock, logger });
    this.#parts.registry.forgetUnused(session);
    return {};
  }

  async readHistory(request: ReadHistoryRequest, { caller }: CallContext): Promise<ReadHistoryResponseInit> {
    const stored = await this.#outside.watched(request.sessionId, caller);
    if (stored !== undefined) return await this.#outside.readHistory(stored, request);
    return this.#sessions.use(this.#sessions.watched(request.sessionId, caller), (session) =>
      readHistory(session, request),
    );
  }

  async listWaiting(_request: ListWaitingRequest, { caller }: CallContext): Promise<ListWaitingResponseInit> {
    return { inputs: waitingInputs(this.#parts.desk, this.#sessions.mayAnswer(caller)) };
  }

  watchWaiting(_request: WatchWaitingRequest, context: CallContext): AsyncIterable<WatchWaitingResponseInit> {
    return watchWaiting(this.#parts.desk, this.#sessions.mayAnswer(context.caller), context.signal);
  }

  async *checkAgent(
    { agentId }: CheckAgentRequest,
    { caller, signal }: CallContext,
  ): AsyncGenerator<CheckAgentResponseInit, void> {
    this.#parts.rights.requireAgent(caller, agentId);
    const { settings } = this.#parts.fleet.pool(agentId);
    const { home } = this.#options;
    const cwd = await allowedDirectory("", { agentId, allowed: settings.directories, home });
    yield* saidBy<CheckAgentResponseInit>((say) =>
      checkAgent({ settings, environment: this.#parts.launch, cwd, say, signal }),
    );
  }

  #processOf(agentId: string, { caller, signal }: CallContext): AgentRequestOptions {
    this.#parts.rights.requireAgent(caller, agentId);
    return { caller, signal, nodeId: this.#options.nodeId, pool: this.#parts.fleet.pool(agentId) };
  }

  #requireOpen(): void {
    if (!this.#draining) return;
    throw new StatusError(StatusCode.UNAVAILABLE, "the node is stopping and takes no new work", {
      reason: "stopping",
      hint: "try again once it is back",
    });
  }

  #noteOffers(): void {
    const offered = JSON.stringify(this.offers());
    if (offered === this.#offered) return;
    this.#offered = offered;
    this.offerChanges.notify();
  }
}
