import type { AcpAnswer, JsonBytes } from "@clawmatrix/acp-wire";
import { type SessionOpening, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { LocalClient } from "../local-client/local-client.ts";
import type { AgentFeatures } from "../process/agent-features.ts";
import type { RunningAgent, SessionSink } from "../process/running-agent.ts";
import { type BindingCallOptions, SessionBinding } from "./session-binding.ts";

export interface BindOptions {
  readonly agent: RunningAgent;
  readonly agentSessionId: string;
  /** ACP's response that opened it. */
  readonly response: JsonBytes;
  readonly opening: SessionOpening;
}

/** What a session has of its agent: the process that serves it, while one does, and what is known of it otherwise. */
export class SessionProcess {
  readonly #sessionId: string;
  #binding: SessionBinding | undefined;
  #localClient: LocalClient | undefined;
  #agentSessionId: string | undefined;
  #capabilitiesJson: JsonBytes;

  /** `agentSessionId` and `capabilitiesJson`: as an earlier process said them. */
  constructor(sessionId: string, agentSessionId: string | undefined, capabilitiesJson: JsonBytes) {
    this.#sessionId = sessionId;
    this.#agentSessionId = agentSessionId;
    this.#capabilitiesJson = capabilitiesJson;
  }

  get live(): boolean {
    return this.#binding !== undefined;
  }

  /** The agent's own id of the session; undefined until it said one. */
  get agentSessionId(): string | undefined {
    return this.#agentSessionId;
  }

  /** ACP's AgentCapabilities; empty until a process has served the session. */
  get capabilitiesJson(): JsonBytes {
    return this.#capabilitiesJson;
  }

  /** What the agent can that serves it; undefined while none does. */
  get features(): AgentFeatures | undefined {
    return this.#binding?.agent.features;
  }

  /** Serves what no client does; undefined while no process serves the session. */
  get localClient(): LocalClient | undefined {
    return this.#localClient;
  }

  /** From now on this process serves it. Call `attach` once what its answer said is known. */
  bind(agent: RunningAgent, agentSessionId: string, localClient: LocalClient): void {
    this.#binding = new SessionBinding(agent, agentSessionId);
    this.#agentSessionId = agentSessionId;
    this.#capabilitiesJson = agent.features.capabilitiesJson;
    this.#localClient = localClient;
  }

  /** The session hears what the process says of it. */
  attach(session: SessionSink): void {
    const binding = this.#bound();
    binding.agent.attach(binding.agentSessionId, session);
  }

  /** No process serves it from now on. The function that it gives tells the process so. */
  unbind(): (session: SessionSink) => void {
    const binding = this.#binding;
    this.#binding = undefined;
    this.#localClient?.dispose();
    this.#localClient = undefined;
    return (session) => binding?.agent.detach(binding.agentSessionId, session);
  }

  /** The process was in use until now. */
  touch(): void {
    this.#binding?.agent.touch();
  }

  /** @throws StatusError FAILED_PRECONDITION if no process serves it. */
  async call(method: string, params: JsonBytes, options: BindingCallOptions): Promise<AcpAnswer> {
    return await this.#bound().call(method, params, options);
  }

  /** @throws StatusError FAILED_PRECONDITION if no process serves it. */
  notify(method: string, params: JsonBytes): void {
    this.#bound().notify(method, params);
  }

  #bound(): SessionBinding {
    if (this.#binding !== undefined) return this.#binding;
    throw new StatusError(
      StatusCode.FAILED_PRECONDITION,
      `no process of the agent serves the session ${this.#sessionId} now`,
      { reason: "session-not-live", hint: "resume it, or send a prompt" },
    );
  }
}
