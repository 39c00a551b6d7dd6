import { StatusCode, type StatusError } from "@clawmatrix/protocol";

/** Whether a call ended because its way to the agent's node broke, rather than by an answer of that node. */
export function isConnectionLoss({ code, retryable, reason }: StatusError): boolean {
  if (reason === "stopping" || reason === "node-not-running") return true;
  return code === StatusCode.UNAVAILABLE && retryable && !reason.startsWith("agent-");
}
