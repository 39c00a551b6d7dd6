import { checkJson, type JsonBytes } from "@clawmatrix/acp-wire";
import type {
  Caller,
  DescribeAgentRequest,
  DescribeAgentResponseInit,
  ForwardRequest,
  ForwardResponseInit,
} from "@clawmatrix/protocol";
import type { AgentPool } from "../process/agent-pool.ts";
import type { RunningAgent } from "../process/running-agent.ts";
import { trustClassOf } from "../sessions/trust-class.ts";
import { requireForwardable } from "./session-requests.ts";

export interface AgentRequestOptions {
  readonly caller: Caller;
  readonly signal: AbortSignal;
  readonly nodeId: string;
  readonly pool: AgentPool;
}

/** What the agent answered to `initialize`, by the process that the caller's next session is served by. */
export async function describeAgent(
  { clientCapabilitiesJson }: DescribeAgentRequest,
  options: AgentRequestOptions,
): Promise<DescribeAgentResponseInit> {
  return await withProcess(clientCapabilitiesJson, options, async (agent) => ({
    initializeJson: agent.initializeResult,
  }));
}

/** A request or notification that concerns no session, such as `authenticate`, whole. */
export async function forwardToAgent(
  { method, paramsJson, notification, clientCapabilitiesJson }: ForwardRequest,
  options: AgentRequestOptions,
): Promise<ForwardResponseInit> {
  requireForwardable(method);
  const given = checkJson(paramsJson, "params_json", "value");
  const params = given.length === 0 ? Buffer.from("{}") : given;
  return await withProcess(clientCapabilitiesJson, options, async ({ connection }) => {
    if (notification) {
      connection.notify(method, params);
      return {};
    }
    const { timeoutMs } = options.pool.settings;
    const answer = await connection.call(method, params, {
      timeoutMs,
      signal: options.signal,
      mayStayUnanswered: true,
    });
    if (answer.kind === "error") return { answer: { case: "errorJson", value: answer.bytes } };
    return { answer: { case: "resultJson", value: answer.bytes } };
  });
}

async function withProcess<T>(
  clientCapabilitiesJson: JsonBytes,
  { caller, signal, nodeId, pool }: AgentRequestOptions,
  use: (agent: RunningAgent) => Promise<T>,
): Promise<T> {
  const clientCapabilities = checkJson(clientCapabilitiesJson, "client_capabilities_json", "object");
  const key = { trustClass: trustClassOf(caller, nodeId), clientCapabilities };
  const lease = await pool.acquire(key, { say: () => undefined, signal });
  try {
    return await use(lease.agent);
  } finally {
    lease.release();
  }
}
