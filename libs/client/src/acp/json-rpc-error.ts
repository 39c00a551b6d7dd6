import { AcpErrorCode, type JsonBytes, toJson } from "@clawmatrix/acp-wire";
import { StatusCode, StatusError, statusName } from "@clawmatrix/protocol";

/** An error object of JSON-RPC that goes to the editor as it is: the agent's own, or one of the protocol's. */
export class JsonRpcError extends Error {
  override readonly name = "JsonRpcError";
  readonly error: JsonBytes;

  constructor(code: number, message: string, error: JsonBytes = toJson({ code, message })) {
    super(message);
    this.error = error;
  }
}

/** What an editor is told of something that was thrown: a sentence that it can show, and the status for programs. */
export function jsonRpcErrorOf(thrown: unknown): JsonBytes {
  if (thrown instanceof JsonRpcError) return thrown.error;
  const { code, message, reason, hint } = StatusError.from(thrown);
  const said = hint === "" ? message : `${message}. ${hint}`;
  return toJson({
    code: codeOf(code, reason),
    message: said,
    data: { status: statusName(code), ...(reason !== "" && { reason }) },
  });
}

function codeOf(code: StatusCode, reason: string): number {
  if (reason === "agent-login-required") return AcpErrorCode.authRequired;
  switch (code) {
    case StatusCode.INVALID_ARGUMENT:
      return AcpErrorCode.invalidParams;
    case StatusCode.NOT_FOUND:
      return AcpErrorCode.resourceNotFound;
    case StatusCode.UNIMPLEMENTED:
      return AcpErrorCode.methodNotFound;
    case StatusCode.CANCELLED:
      return AcpErrorCode.requestCancelled;
    default:
      return AcpErrorCode.internal;
  }
}
