import { type AcpAnswer, toJson } from "@clawmatrix/acp-wire";
import { StatusError } from "@clawmatrix/protocol";
import type { RunningAgent } from "./running-agent.ts";

/**
 * Closes a session that an agent has opened after everybody had given it up, so that it does not hold it for nobody.
 * `known`: its id, where the answer does not say it.
 */
export function closeLate(agent: RunningAgent, answer: AcpAnswer, timeoutMs: number, known?: string): void {
  const sessionId = answer.kind === "result" ? (known ?? answer.values.sessionId) : undefined;
  if (typeof sessionId !== "string" || agent.serves(sessionId) || !agent.features.close) return;
  agent.connection.request("session/close", toJson({ sessionId }), { timeoutMs }).catch((error: unknown) => {
    agent.note("an agent did not close a session that came too late", StatusError.from(error).message);
  });
}
