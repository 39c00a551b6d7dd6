import { StatusCode, StatusError } from "@clawmatrix/protocol";

/** Why a session has no process, as its last event and its row in the store say it. */
export const EndReason = {
  /** Somebody closed it. It is not continued by a prompt, only by a resume. */
  closed: "closed",
  /** Its agent cannot take it up again, or refused to. */
  cannotContinue: "cannot-continue",
  /** Nobody used it for a while. */
  idle: "idle",
  /** Its node was stopped. */
  nodeStopped: "node-stopped",
  /** Its node ended without a goodbye: killed, or the power went. */
  nodeRestarted: "node-restarted",
} as const;

/** Whether a session is over, as far as its node knows; any other without a process is continued by its next prompt. */
export function isOver(endReason: string): boolean {
  return endReason === EndReason.closed || endReason === EndReason.cannotContinue;
}

/** The error with which turns of a session end that nobody serves any more. */
export function gone(reason: string, message: string): StatusError {
  return new StatusError(StatusCode.CANCELLED, message, { reason });
}
