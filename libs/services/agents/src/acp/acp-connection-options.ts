import type { Readable, Writable } from "node:stream";
import type { AcpAnswer, AcpParams, JsonBytes } from "@clawmatrix/acp-wire";
import type { Clock, Logger } from "@clawmatrix/environment";
import type { StatusError } from "@clawmatrix/protocol";

/** What the agent asks for and tells. */
export interface AcpHandler {
  /**
   * Serves a request of the agent with a result; what is thrown becomes its error (`AcpRefusal` as it is). `signal` is
   * aborted when the agent takes its request back and when the connection ends.
   */
  request(method: string, params: AcpParams, signal: AbortSignal): Promise<JsonBytes>;
  notification(method: string, params: AcpParams): void;
}

export interface AcpConnectionOptions {
  readonly agentId: string;
  /** The agent's standard output. */
  readonly input: Readable;
  /** The agent's standard input. */
  readonly output: Writable;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly handler: AcpHandler;
  /** The agent broke the protocol beyond repair: its process has to go. Called once at most. */
  readonly onBroken: (why: StatusError) => void;
  /**
   * A request was given up because its deadline had passed. `silent`: the agent has said nothing at all meanwhile. Default:
   * nothing happens.
   */
  readonly onLate?: (silent: boolean) => void;
}

export interface AcpRequestOptions {
  /** Milliseconds until the request is given up. 0: never; it ends with the answer or the process. */
  readonly timeoutMs: number;
  /** Gives the request up. */
  readonly signal?: AbortSignal;
  /** Sees the answer before the next line is read, so that what follows it finds the state that it made. */
  readonly onAnswer?: (answer: AcpAnswer) => void;
  /** Sees an answer that comes after the request was given up. */
  readonly onLateAnswer?: (answer: AcpAnswer) => void;
  /** That no answer comes says nothing about the agent: it may not know the method. Default: false. */
  readonly mayStayUnanswered?: boolean;
}

export interface AcpCounters {
  /** Answers to requests that had been given up. */
  lateAnswers: number;
  /** Lines that were no JSON-RPC. */
  rubbishLines: number;
}
