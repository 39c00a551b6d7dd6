import type { Clock, Random } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import { type AgentServiceClient, type CallOptions, StatusCode, StatusError } from "@clawmatrix/protocol";
import { BackOff } from "../back-off.ts";
import { isConnectionLoss } from "../connection-loss.ts";
import { findAgent, requireReachable } from "../find-agent.ts";
import type { NodeConnection } from "../node-connection.ts";

export interface RemoteAgentOptions {
  /** Connects to the local node. */
  readonly connect: () => Promise<NodeConnection>;
  /** AGENT or AGENT@NODE. */
  readonly agent: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
}

/** Bytes of a call id. */
const CALL_ID_BYTES = 16;
/** How long an answer is tried for again over broken connections, in milliseconds; a session is tried for without end. */
const RETRY_MS = 120_000;

/** An agent of the mesh, reached through the local node, which may be restarted at any time. */
export class RemoteAgent {
  readonly #options: RemoteAgentOptions;
  #found: { readonly agentId: string; readonly node: NodeId } | undefined;
  #connection: Promise<NodeConnection> | undefined;
  #isConnected = false;

  constructor(options: RemoteAgentOptions) {
    this.#options = options;
  }

  get agentId(): string {
    return this.#found?.agentId ?? "";
  }

  /** Whether the local node is there at the moment. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Finds the agent; it stays with that node from then on. @throws StatusError why it cannot be used. */
  async find(): Promise<void> {
    if (this.#found !== undefined) return;
    const connection = await this.#options.connect();
    this.#keep(connection);
    const { status } = await connection.diagnostics().getStatus({}, { signal: this.#options.signal });
    if (status === undefined) throw new StatusError(StatusCode.INTERNAL, "the local node told no status");
    const { agentId, node } = findAgent(status, this.#options.agent);
    requireReachable(node);
    this.#found = { agentId, node: node.id };
  }

  /** The agent's service, as soon as the local node is there. Rejects with CANCELLED when it is over. */
  async service(): Promise<AgentServiceClient> {
    this.#connection ??= this.#reconnect();
    return (await this.#connection).agents(this.#found?.node);
  }

  /**
   * Makes a call, again if the connection breaks meanwhile. It has the same id then, so that a request is executed once
   * and a retry gets the answer that was lost.
   */
  async call<T>(
    make: (service: AgentServiceClient, options: CallOptions) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const { clock, random, signal: life } = this.#options;
    const callId = random.bytes(CALL_ID_BYTES);
    const either = signal === undefined ? life : AbortSignal.any([life, signal]);
    const backOff = new BackOff(this.#options);
    const begun = clock.monotonic();
    for (;;) {
      try {
        return await make(await this.service(), { callId, signal: either });
      } catch (thrown) {
        const error = StatusError.from(thrown);
        if (either.aborted || !isConnectionLoss(error) || clock.monotonic() - begun > RETRY_MS) throw error;
        await backOff.wait(either);
      }
    }
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.close();
  }

  async #reconnect(): Promise<NodeConnection> {
    const { connect, signal } = this.#options;
    const backOff = new BackOff(this.#options);
    for (;;) {
      try {
        const connection = await connect();
        this.#keep(connection);
        return connection;
      } catch (thrown) {
        if (signal.aborted) throw cancelled();
        // Another user's socket does not become ours by waiting.
        if (StatusError.from(thrown).code === StatusCode.PERMISSION_DENIED) {
          this.#connection = undefined;
          throw thrown;
        }
      }
      await backOff.wait(signal);
      if (signal.aborted) throw cancelled();
    }
  }

  #keep(connection: NodeConnection): void {
    const kept = Promise.resolve(connection);
    this.#connection = kept;
    this.#isConnected = true;
    void connection.closed.then(() => {
      if (this.#connection !== kept) return;
      this.#connection = undefined;
      this.#isConnected = false;
    });
  }
}

function cancelled(): StatusError {
  return new StatusError(StatusCode.CANCELLED, "the editor has gone", { reason: "editor-gone" });
}
