import { type AcpParams, type JsonBytes, writeObjectWith } from "@clawmatrix/acp-wire";
import {
  type SessionInfoInit,
  SessionOpening,
  SessionState,
  StatusCode,
  StatusError,
  type WatcherInit,
} from "@clawmatrix/protocol";
import type { SessionSink } from "../process/running-agent.ts";
import { AgentMessages } from "./agent-messages.ts";
import { Audience, type Participant } from "./audience.ts";
import { FloodSignal } from "./change-signal.ts";
import { ClientRequests } from "./client-requests.ts";
import { closeAtAgent } from "./close-session.ts";
import { type KeptFacts, keptColumns, readKeptFacts } from "./kept-facts.ts";
import { EndReason, gone, isOver } from "./session-endings.ts";
import type { SessionEnvironment } from "./session-environment.ts";
import { SessionFacts } from "./session-facts.ts";
import { sessionColumns, sessionInfo, storedState } from "./session-info.ts";
import { comesInFloods, type EventBody, SessionJournal } from "./session-journal.ts";
import { SessionKeeper } from "./session-keeper.ts";
import { type BindOptions, SessionProcess } from "./session-process.ts";
import type { StoredSession } from "./session-store.ts";
import { type Turn, TurnQueue, type TurnRequest } from "./turn-queue.ts";

const NO_PARAMS: JsonBytes = new Uint8Array();

/** One conversation with an agent: it outlives its clients and, where the agent can continue it, its process. */
export class Session implements SessionSink {
  readonly id: string;
  readonly agentId: string;
  /** As it was when it was opened or read from the store. */
  readonly record: StoredSession;
  /** What it has of its agent. */
  readonly process: SessionProcess;
  readonly journal: SessionJournal;
  readonly facts: SessionFacts;
  readonly clientRequests = new ClientRequests();
  /** Something of it has changed: events, facts, state, or who follows. */
  readonly changes: FloodSignal;
  readonly #environment: SessionEnvironment;
  readonly #audience = new Audience();
  readonly #turns: TurnQueue;
  readonly #keeper: SessionKeeper;
  #endReason: string;
  #infoVersion = 0;
  readonly #messages: AgentMessages;
  readonly #kept: KeptFacts;
  #lastUsedAt: number;

  constructor(record: StoredSession, environment: SessionEnvironment) {
    this.id = record.id;
    this.agentId = record.agentId;
    this.record = record;
    this.#environment = environment;
    this.changes = new FloodSignal(environment.clock);
    this.#keeper = new SessionKeeper(record.id, record.updatedAt, environment);
    this.#endReason = record.endReason;
    this.journal = new SessionJournal(record.id, environment.log, environment);
    this.#kept = readKeptFacts(record);
    this.process = new SessionProcess(record.id, record.agentSessionId, this.#kept.capabilitiesJson);
    this.facts = new SessionFacts(record.title, record.description, this.#kept);
    this.#lastUsedAt = environment.clock.monotonic();
    this.#messages = new AgentMessages({
      sessionId: record.id,
      agentId: record.agentId,
      desk: environment.desk,
      facts: this.facts,
      clientRequests: this.clientRequests,
      permissions: () => environment.permissions(record),
      runningTurn: () => this.#turns.running,
      localClient: () => this.process.localClient,
      append: (body, extraJson) => this.append(body, extraJson),
      stateChanged: () => this.factsChanged(),
    });
    this.#turns = new TurnQueue({
      agentId: record.agentId,
      clock: environment.clock,
      random: environment.random,
      append: (body) => this.append(body),
      ready: async (signal) => {
        if (!this.live) await environment.continueSession(this, signal);
      },
      send: async ({ promptJson, extraJson }, options) => {
        const params = writeObjectWith(extraJson, [["prompt", promptJson]]);
        await this.process.call("session/prompt", params, { ...options, timeoutMs: 0 });
      },
      sendCancel: () => {
        environment.desk.withdrawAllOf(this.id);
        if (this.live) this.process.notify("session/cancel", NO_PARAMS);
      },
      turnsChanged: () => this.#turnsChanged(),
    });
  }

  /** A process serves it. */
  get live(): boolean {
    return this.process.live;
  }

  /** Why it was ended; empty while it is not. */
  get endReason(): string {
    return this.#endReason;
  }

  get inUse(): boolean {
    return this.#turns.running !== undefined || this.#audience.streams > 0;
  }

  get idleMs(): number {
    return this.inUse ? 0 : this.#environment.clock.monotonic() - this.#lastUsedAt;
  }

  /** Some agents know a conversation again only once something was said in it. */
  get continuable(): boolean {
    const { features } = this.process;
    return features !== undefined && (features.resume || features.load) && this.facts.description !== "";
  }

  /** Further fields of the request that opened it. */
  get requestJson(): JsonBytes {
    return this.#kept.requestJson;
  }

  get runningTurn(): Turn | undefined {
    return this.#turns.running;
  }

  /** Rises whenever something that `info` shows has changed, but for the number of the last event. */
  get infoVersion(): number {
    return this.#infoVersion;
  }

  get state(): SessionState {
    if (this.#environment.desk.waitingOf(this.id).length > 0) return SessionState.PERMISSION;
    if (this.#turns.running !== undefined) return SessionState.RUNNING;
    return !this.live && isOver(this.#endReason) ? SessionState.CLOSED : SessionState.IDLE;
  }

  get watchers(): readonly WatcherInit[] {
    return this.#audience.watchers;
  }

  get updatedAt(): number {
    return this.#keeper.updatedAt;
  }

  info(): SessionInfoInit {
    return sessionInfo(this, this.#environment);
  }

  append(body: EventBody, extraJson?: JsonBytes): number {
    this.journal.append(body, extraJson);
    if (comesInFloods(body)) this.changes.notifySoon();
    else this.changes.notify();
    return this.journal.lastSeq;
  }

  /** While the agent repeats what is in the log already (session/load), its updates change facts only. */
  set replaying(replaying: boolean) {
    this.#messages.replaying = replaying && this.journal.lastSeq > 0;
  }

  /** From now on this process serves it. */
  bind({ agent, agentSessionId, response, opening }: BindOptions): void {
    this.process.bind(agent, agentSessionId, this.#environment.localClient(this.record));
    this.#endReason = "";
    this.facts.opened(response);
    if (opening !== SessionOpening.NEW) this.append({ case: "reopened", value: opening });
    this.process.attach(this);
    this.#save();
    this.#environment.onChange();
  }

  /** @throws StatusError RESOURCE_EXHAUSTED if too many follow already. */
  follow(participant: Participant): () => void {
    const leave = this.#audience.follow(participant, () => this.#audienceChanged());
    return () => {
      this.#touch();
      leave();
      this.#environment.onUnused(this);
    };
  }

  /** Begins a turn, or has it wait; see `TurnQueue.prompt`. A session that has lost its process is continued first. */
  prompt(request: TurnRequest, refuseIfRunning: boolean): Turn {
    if (this.#endReason === EndReason.closed) {
      throw new StatusError(StatusCode.FAILED_PRECONDITION, `the session ${this.id} was closed`, {
        reason: "session-closed",
        hint: "resume it, or open a new one",
      });
    }
    const turn = this.#turns.prompt(request, refuseIfRunning);
    if (this.facts.prompted(request.promptJson)) this.#save();
    return turn;
  }

  /** Stops the running turn, or that of this prompt; false if there is none. */
  cancel(requestId = ""): boolean {
    return requestId === "" ? this.#turns.cancel() : this.#turns.cancelRequest(requestId);
  }

  /** The ids of the prompts, as their clients chose them, whose turns run or wait. */
  get openRequestIds(): readonly string[] {
    return this.#turns.openRequestIds;
  }

  /** What the session has changed to is told and kept. */
  factsChanged(): void {
    this.#save();
    this.changes.notify();
  }

  /** What waits is not begun any more. */
  dropPrompts(why: StatusError): void {
    this.#turns.drop(why);
  }

  /** Ends it without a word to the agent; `why` is how a running turn fails. */
  end(reason: string, why: StatusError, stderrTail = ""): void {
    // What has ended already can still be closed, once.
    if (this.#endReason === EndReason.closed) return;
    if (!this.live && reason !== EndReason.closed) return;
    const detach = this.process.unbind();
    this.#endReason = reason;
    this.#environment.desk.withdrawAllOf(this.id);
    this.#turns.failRunning(why, stderrTail);
    detach(this);
    this.append({ case: "ended", value: { reason, message: why.message, stderrTail } });
    this.#save();
    this.#environment.onChange();
    this.#turns.proceed();
    this.#environment.onUnused(this);
  }

  park(closing: boolean): void {
    if (!this.live) return;
    const message = "nobody used the session for a while; the next prompt continues it";
    if (closing) {
      const { logger, parkTimeoutMs } = this.#environment;
      // The agent reads it before whatever continues the session there: it takes one line after the other.
      void closeAtAgent(this, { timeoutMs: parkTimeoutMs(this.agentId), logger });
    }
    this.end(EndReason.idle, gone(EndReason.idle, message));
  }

  agentExited(why: StatusError, stderrTail: string): void {
    this.end(why.reason, why, stderrTail);
  }

  /** Its agent cannot take it up again, and says so in the transcript once. */
  cannotContinue({ message }: StatusError): void {
    if (this.live || isOver(this.#endReason)) return;
    this.#endReason = EndReason.cannotContinue;
    this.append({ case: "ended", value: { reason: EndReason.cannotContinue, message } });
    this.#save();
  }

  /** The node is being stopped: what waits is not begun any more. */
  nodeStopped(): void {
    const why = gone(EndReason.nodeStopped, "the node of the session was stopped");
    this.#turns.drop(why);
    this.end(EndReason.nodeStopped, why);
    this.journal.flush();
  }

  notification(method: string, params: AcpParams): void {
    this.#messages.notification(method, params);
  }

  async request(method: string, params: AcpParams, signal: AbortSignal): Promise<JsonBytes> {
    return await this.#messages.request(method, params, signal);
  }

  #touch(): void {
    this.#lastUsedAt = this.#environment.clock.monotonic();
    this.process.touch();
  }

  #turnsChanged(): void {
    this.#touch();
    this.factsChanged();
    if (this.#turns.running === undefined) this.#environment.onUnused(this);
  }

  #audienceChanged(): void {
    this.#infoVersion++;
    this.append({ case: "watchers", value: { watchers: this.#audience.watchers } });
  }

  #save(): void {
    this.#infoVersion++;
    const isAway = !this.live && this.#turns.running === undefined;
    const state = isAway ? "closed" : storedState(this.state);
    const beside = () => keptColumns(this.facts, this.#kept.requestJson, this.process.capabilitiesJson);
    const { version } = this.facts;
    this.#keeper.keep(sessionColumns(this, state), { version, beside });
  }
}
