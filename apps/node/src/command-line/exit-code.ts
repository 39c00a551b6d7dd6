import { StatusCode, type StatusError } from "@clawmatrix/protocol";

/** What `clawmatrix` exits with. A contract: scripts rely on it. */
export const ExitCode = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  nodeNotRunning: 3,
  notAllowed: 4,
  nodeUnreachable: 5,
  timedOut: 6,
  waitsForInput: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Reasons (`StatusError.reason`) that say more than their status code. */
const BY_REASON: Readonly<Record<string, ExitCode>> = {
  "wrong-usage": ExitCode.wrongUsage,
  "node-not-running": ExitCode.nodeNotRunning,
  "unknown-node": ExitCode.nodeUnreachable,
  unreachable: ExitCode.nodeUnreachable,
  "no-answer": ExitCode.nodeUnreachable,
  "channel-lost": ExitCode.nodeUnreachable,
  "channel-closed": ExitCode.nodeUnreachable,
  "peer-restarted": ExitCode.nodeUnreachable,
  // The local node has hung up.
  "connection-closed": ExitCode.nodeNotRunning,
  interrupted: ExitCode.interrupted,
};

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: StatusError): ExitCode {
  const byReason = BY_REASON[error.reason];
  if (byReason !== undefined) return byReason;
  switch (error.code) {
    case StatusCode.PERMISSION_DENIED:
    case StatusCode.UNAUTHENTICATED:
      return ExitCode.notAllowed;
    case StatusCode.DEADLINE_EXCEEDED:
      return ExitCode.timedOut;
    default:
      return ExitCode.failed;
  }
}
