import { AcpErrorCode } from "@clawmatrix/acp-wire";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { JsonRpcError } from "./json-rpc-error.ts";

export function notInitialized(): JsonRpcError {
  return new JsonRpcError(AcpErrorCode.invalidRequest, "the first request has to be `initialize`");
}

export function unknownSession(): StatusError {
  return new StatusError(StatusCode.NOT_FOUND, "this session is not open here", {
    reason: "no-such-session",
    hint: "Open it by session/new, session/load or session/resume.",
  });
}

export function sessionClosed(): StatusError {
  return new StatusError(StatusCode.CANCELLED, "the session was closed", { reason: "session-closed" });
}

export function sessionReopened(): StatusError {
  return new StatusError(StatusCode.CANCELLED, "the session was opened again", {
    reason: "session-reopened",
  });
}
