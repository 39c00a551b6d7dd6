import type { AcpAnswer } from "@clawmatrix/acp-wire";
import { type JsonBytes, toJson, writeObjectWith } from "@clawmatrix/acp-wire";
import type { RunningAgent } from "../process/running-agent.ts";

export interface BindingCallOptions {
  /** Milliseconds; 0: until the answer or the end of the process. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** As of `AcpRequestOptions`. */
  readonly mayStayUnanswered?: boolean;
  readonly onAnswer?: (answer: AcpAnswer) => void;
}

/** The process that serves a session, and the id by which it knows it. */
export class SessionBinding {
  readonly agent: RunningAgent;
  readonly agentSessionId: string;

  constructor(agent: RunningAgent, agentSessionId: string) {
    this.agent = agent;
    this.agentSessionId = agentSessionId;
  }

  /** A request of ACP about this session. `params` is an object or empty; the agent's own id is put in. */
  async call(method: string, params: JsonBytes, options: BindingCallOptions): Promise<AcpAnswer> {
    return await this.agent.connection.call(method, this.#own(params), options);
  }

  notify(method: string, params: JsonBytes): void {
    this.agent.connection.notify(method, this.#own(params));
  }

  #own(params: JsonBytes): JsonBytes {
    return writeObjectWith(params, [["sessionId", toJson(this.agentSessionId)]]);
  }
}
