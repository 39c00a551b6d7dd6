import type { AcpAnswer, AcpParams } from "@clawmatrix/acp-wire";
import { type JsonBytes, membersOf, toJson, writeObject, writeObjectWith } from "@clawmatrix/acp-wire";
import {
  type SessionInfoInit,
  SessionOpening,
  SessionState,
  StatusCode,
  StatusError,
  type WatcherInit,
} from "@clawmatrix/protocol";
import { askPermission, askQuestion } from "../inputs/agent-inputs.ts";
import type { RunningAgent, SessionSink } from "../process/running-agent.ts";
import { Audience, MAX_FOLLOWERS, type Participant } from "./audience.ts";
import { ChangeSignal } from "./change-signal.ts";
import { ClientRequests } from "./client-requests.ts";
import { type BindingCallOptions, SessionBinding } from "./session-binding.ts";
import type { SessionEnvironment } from "./session-environment.ts";
import { SessionFacts } from "./session-facts.ts";
import { sessionInfo, storedState } from "./session-info.ts";
import { type EventBody, SessionJournal } from "./session-journal.ts";
import { SessionKeeper } from "./session-keeper.ts";
import type { StoredSession } from "./session-store.ts";
import { type Turn, TurnQueue, type TurnRequest } from "./turn-queue.ts";

export interface BindOptions {
  readonly agent: RunningAgent;
  readonly agentSessionId: string;
  /** ACP's response that opened it. */
  readonly response: JsonBytes;
  readonly opening: SessionOpening;
}

const NO_PARAMS: JsonBytes = new Uint8Array();
/** How long a cancelled turn may take to end before its session is closed nevertheless. */
const CLOSE_AFTER_CANCEL_MS = 5_000;

/** One conversation with an agent: it outlives its clients and, where the agent can continue it, its process. */
export class Session implements SessionSink {
  readonly id: string;
  readonly agentId: string;
  /** As it was when it was opened or read from the store. */
  readonly record: StoredSession;
  readonly journal: SessionJournal;
  readonly facts: SessionFacts;
  readonly clientRequests = new ClientRequests();
  /** Something of it has changed: events, facts, state, or who follows. */
  readonly changes = new ChangeSignal();
  readonly #environment: SessionEnvironment;
  readonly #audience = new Audience();
  readonly #turns: TurnQueue;
  #binding: SessionBinding | undefined;
  #agentSessionId: string | undefined;
  #capabilitiesJson: JsonBytes = new Uint8Array();
  readonly #keeper: SessionKeeper;
  #endReason: string;
  #infoVersion = 0;
  #replaying = false;

  constructor(record: StoredSession, environment: SessionEnvironment) {
    this.id = record.id;
    this.agentId = record.agentId;
    this.record = record;
    this.#environment = environment;
    this.#agentSessionId = record.agentSessionId;
    this.#keeper = new SessionKeeper(record.id, record.updatedAt, environment);
    this.#endReason = record.endReason;
    this.journal = new SessionJournal(record.id, environment.log, environment);
    this.facts = new SessionFacts(record.title, record.description);
    this.#turns = new TurnQueue({
      agentId: record.agentId,
      clock: environment.clock,
      random: environment.random,
      append: (body) => this.append(body),
      ready: async () => {
        if (this.#binding === undefined) await environment.continueSession(this);
      },
      send: async ({ promptJson, extraJson }, options) => {
        const params = writeObjectWith(extraJson, [["prompt", promptJson]]);
        await this.#bound().call("session/prompt", params, { ...options, timeoutMs: 0 });
      },
      sendCancel: () => {
        environment.desk.withdrawAllOf(this.id);
        this.#binding?.notify("session/cancel", NO_PARAMS);
      },
      turnsChanged: () => this.#turnsChanged(),
    });
  }

  /** A process serves it. */
  get live(): boolean {
    return this.#binding !== undefined;
  }

  get agentSessionId(): string | undefined {
    return this.#agentSessionId;
  }

  /** Why it was ended; empty while it is not. */
  get endReason(): string {
    return this.#endReason;
  }

  get inUse(): boolean {
    return this.#turns.running !== undefined || this.#audience.streams > 0;
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
    return this.#binding === undefined ? SessionState.CLOSED : SessionState.IDLE;
  }

  get watchers(): readonly WatcherInit[] {
    return this.#audience.watchers;
  }

  /** What its agent can, as ACP's AgentCapabilities; empty until a process has served it. */
  get capabilitiesJson(): JsonBytes {
    return this.#capabilitiesJson;
  }

  get updatedAt(): number {
    return this.#keeper.updatedAt;
  }

  info(): SessionInfoInit {
    return sessionInfo(this, this.#environment);
  }

  append(body: EventBody): number {
    this.journal.append(body);
    this.changes.notify();
    return this.journal.lastSeq;
  }

  /** While the agent repeats what is in the log already (session/load), its updates change facts only. */
  set replaying(replaying: boolean) {
    this.#replaying = replaying && this.journal.lastSeq > 0;
  }

  /** From now on this process serves it. */
  bind({ agent, agentSessionId, response, opening }: BindOptions): void {
    this.#binding = new SessionBinding(agent, agentSessionId);
    this.#agentSessionId = agentSessionId;
    this.#capabilitiesJson = agent.features.capabilitiesJson;
    this.#endReason = "";
    this.facts.opened(response);
    if (opening !== SessionOpening.NEW) this.append({ case: "reopened", value: opening });
    agent.attach(agentSessionId, this);
    this.#save();
    this.#environment.onChange();
  }

  /** @throws StatusError RESOURCE_EXHAUSTED if too many follow already. */
  follow(participant: Participant): () => void {
    if (this.#audience.streams >= MAX_FOLLOWERS) {
      const message = `${MAX_FOLLOWERS} clients follow this session already`;
      throw new StatusError(StatusCode.RESOURCE_EXHAUSTED, message, { reason: "too-many-watchers" });
    }
    if (this.#audience.join(participant)) this.#audienceChanged();
    let following = true;
    return () => {
      if (!following) return;
      following = false;
      this.#binding?.agent.touch();
      if (this.#audience.leave(participant)) this.#audienceChanged();
      this.#environment.onUnused(this);
    };
  }

  /** Begins a turn, or has it wait; see `TurnQueue.prompt`. A session that has lost its process is continued first. */
  prompt(request: TurnRequest, refuseIfRunning: boolean): Turn {
    if (this.#endReason === "closed") {
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

  /**
   * Sends any other request of ACP about this session; the agent's own id of it is put in.
   * @throws StatusError FAILED_PRECONDITION if no process serves it.
   */
  async call(method: string, params: JsonBytes, options: BindingCallOptions): Promise<AcpAnswer> {
    return await this.#bound().call(method, params, options);
  }

  notify(method: string, params: JsonBytes): void {
    this.#bound().notify(method, params);
  }

  /** What the session has changed to is told and kept. */
  factsChanged(): void {
    this.#save();
    this.changes.notify();
  }

  /** Cancels its turn, closes it on the agent's side, and lets the process go. */
  async close(timeoutMs: number): Promise<void> {
    this.#turns.drop(gone("session-closed", "the session was closed"));
    if (this.#turns.cancel()) await this.#turnEnd(CLOSE_AFTER_CANCEL_MS);
    if (this.#binding?.agent.features.close) {
      await this.call("session/close", NO_PARAMS, { timeoutMs }).catch((error: unknown) => {
        const { message } = StatusError.from(error);
        this.#environment.logger.warn("an agent did not close a session", {
          session: this.id,
          error: message,
        });
      });
    }
    this.end("closed", gone("session-closed", "the session was closed"));
  }

  /** Ends it without a word to the agent; `why` is how a running turn fails. */
  end(reason: string, why: StatusError, stderrTail = ""): void {
    const binding = this.#binding;
    // What has ended already can still be closed, once.
    if (this.#endReason === "closed" || (binding === undefined && reason !== "closed")) return;
    this.#binding = undefined;
    this.#endReason = reason;
    this.#environment.desk.withdrawAllOf(this.id);
    this.#turns.failRunning(why, stderrTail);
    binding?.agent.detach(binding.agentSessionId, this);
    this.append({ case: "ended", value: { reason, message: why.message, stderrTail } });
    this.#save();
    this.#environment.onChange();
    this.#turns.proceed();
    this.#environment.onUnused(this);
  }

  park(): void {
    this.end("idle", gone("idle", "nobody used the session for a while; the next prompt continues it"));
  }

  agentExited(why: StatusError, stderrTail: string): void {
    this.end("agent-exited", why, stderrTail);
  }

  /** The node is being stopped: what waits is not begun any more. */
  nodeStopped(): void {
    const why = gone("node-stopped", "the node of the session was stopped");
    this.#turns.drop(why);
    this.end("node-stopped", why);
    this.journal.flush();
  }

  notification(method: string, params: AcpParams): void {
    if (method !== "session/update") {
      this.append({ case: "notification", value: { method, paramsJson: params.bytes } });
      return;
    }
    const { update } = params.values;
    const bytes = membersOf(params.bytes).get("update") ?? toJson(null);
    if (typeof update === "object" && update !== null && this.facts.updated(bytes, { ...update }))
      this.factsChanged();
    if (!this.#replaying) this.append({ case: "updateJson", value: bytes });
  }

  async request(method: string, params: AcpParams, signal: AbortSignal): Promise<JsonBytes> {
    const turn = this.#turns.running;
    switch (method) {
      case "session/request_permission":
        return writeObject([["outcome", await askPermission(this.#inputHost(), params, signal)]]);
      case "elicitation/create":
        return await askQuestion(this.#inputHost(), params, signal);
      default:
        return await this.clientRequests.ask(method, params.bytes, turn?.request.driver, signal);
    }
  }

  #inputHost(): Parameters<typeof askPermission>[0] {
    const { desk, permissionDefault } = this.#environment;
    return {
      sessionId: this.id,
      agentId: this.agentId,
      desk,
      policy: this.#turns.running?.request.policy ?? permissionDefault(this.agentId),
      facts: this.facts,
      append: (body) => this.append(body),
      stateChanged: () => this.factsChanged(),
    };
  }

  #bound(): SessionBinding {
    if (this.#binding !== undefined) return this.#binding;
    throw new StatusError(
      StatusCode.FAILED_PRECONDITION,
      `no process of the agent serves the session ${this.id} now`,
      {
        reason: "session-not-live",
        hint: "resume it, or send a prompt",
      },
    );
  }

  #turnsChanged(): void {
    this.#binding?.agent.touch();
    this.factsChanged();
    if (this.#turns.running === undefined) this.#environment.onUnused(this);
  }

  #audienceChanged(): void {
    this.#infoVersion++;
    this.append({ case: "watchers", value: { watchers: this.#audience.watchers } });
  }

  async #turnEnd(withinMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#environment.clock.schedule(withinMs, resolve, { keepAlive: true });
    const stop = this.changes.listen(() => {
      if (this.#turns.running === undefined) resolve();
    });
    if (this.#turns.running === undefined) resolve();
    await promise;
    timer.cancel();
    stop();
  }

  #save(): void {
    this.#infoVersion++;
    this.#keeper.keep({
      agentSessionId: this.#agentSessionId,
      title: this.facts.title,
      description: this.facts.description,
      state: storedState(this.state),
      modeId: this.facts.modeId,
      endReason: this.#endReason,
    });
  }
}

function gone(reason: string, message: string): StatusError {
  return new StatusError(StatusCode.CANCELLED, message, { reason });
}
