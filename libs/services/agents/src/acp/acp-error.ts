import { type AcpAnswer, AcpErrorCode, type JsonBytes, toJson } from "@clawmatrix/acp-wire";
import { StatusCode, StatusError } from "@clawmatrix/protocol";

/** What an agent's own message may add to an error, in characters. */
const MAX_MESSAGE_CHARACTERS = 1_000;

/** Thrown by who serves a request of the agent: the agent gets `error` as it is. */
export class AcpRefusal extends Error {
  override readonly name = "AcpRefusal";
  /** A JSON-RPC error object. */
  readonly error: JsonBytes;

  constructor(code: number, message: string, error: JsonBytes = toJson({ code, message })) {
    super(message);
    this.error = error;
  }
}

/** The status with which a call ends whose request the agent answered with an error. */
export function statusOfAcpError(
  agentId: string,
  method: string,
  error: AcpAnswer & { kind: "error" },
): StatusError {
  const said = error.message.slice(0, MAX_MESSAGE_CHARACTERS);
  const message = `the agent "${agentId}" refused ${method}: ${said} (${error.code})`;
  switch (error.code) {
    case AcpErrorCode.methodNotFound:
      return new StatusError(StatusCode.UNIMPLEMENTED, `the agent "${agentId}" does not know ${method}`, {
        reason: "agent-cannot",
      });
    case AcpErrorCode.invalidParams:
      return new StatusError(StatusCode.INVALID_ARGUMENT, message, { reason: "agent-error" });
    case AcpErrorCode.resourceNotFound:
      return new StatusError(StatusCode.NOT_FOUND, message, { reason: "agent-error" });
    case AcpErrorCode.requestCancelled:
      return new StatusError(StatusCode.CANCELLED, message, { reason: "agent-error" });
    case AcpErrorCode.authRequired:
      return new StatusError(StatusCode.FAILED_PRECONDITION, message, {
        reason: "agent-login-required",
        hint: `log in with the agent's own program on that machine, or give "${agentId}" its key in the configuration`,
      });
    default:
      return new StatusError(StatusCode.UNKNOWN, message, { reason: "agent-error" });
  }
}
