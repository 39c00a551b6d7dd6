import { StatusCode, StatusError } from "@clawmatrix/protocol";

/** Bytes or text of the wrong shape. */
export function malformed(message: string, reason: string, hint?: string): StatusError {
  return new StatusError(StatusCode.INVALID_ARGUMENT, message, {
    reason,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** A decision that the state of the mesh does not allow, whoever asks for it. */
export function precondition(message: string, reason: string, hint?: string): StatusError {
  return new StatusError(StatusCode.FAILED_PRECONDITION, message, {
    reason,
    ...(hint === undefined ? {} : { hint }),
  });
}
