import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { expect, it } from "vitest";
import { exitCodeOf } from "./exit-code.ts";

it.each([
  [StatusCode.INVALID_ARGUMENT, "wrong-usage", 2],
  [StatusCode.FAILED_PRECONDITION, "node-not-running", 3],
  [StatusCode.UNAVAILABLE, "connection-closed", 3],
  [StatusCode.PERMISSION_DENIED, "not-granted", 4],
  [StatusCode.UNAUTHENTICATED, "", 4],
  [StatusCode.UNAVAILABLE, "unreachable", 5],
  [StatusCode.NOT_FOUND, "unknown-node", 5],
  [StatusCode.UNAVAILABLE, "peer-restarted", 5],
  [StatusCode.DEADLINE_EXCEEDED, "", 6],
  [StatusCode.CANCELLED, "interrupted", 130],
  [StatusCode.UNAVAILABLE, "agent-exited", 1],
  [StatusCode.INTERNAL, "a-reason-of-a-newer-version", 1],
])("ends with the code of status %d and reason %j: %d", (code, reason, exit) => {
  expect(exitCodeOf(new StatusError(code, "failed", { reason }))).toBe(exit);
});
