import { StatusCode, StatusError, type StatusErrorOptions } from "@clawmatrix/protocol";

/** Bytes or text of the wrong shape: nothing was decided about who sent them. */
export function malformed(message: string, reason: string, more: StatusErrorOptions = {}): StatusError {
  return new StatusError(StatusCode.INVALID_ARGUMENT, message, { reason, ...more });
}

/** Bytes of the right shape that were not made by who should have made them. */
export function unauthentic(message: string, reason: string, more: StatusErrorOptions = {}): StatusError {
  return new StatusError(StatusCode.UNAUTHENTICATED, message, { reason, ...more });
}

/** Refuses bytes of another length than `length`. `what` names them in the error, which never shows them. */
export function requireLength(what: string, bytes: Uint8Array, length: number): void {
  if (bytes.length === length) return;
  throw malformed(`${what} must have ${length} bytes, not ${bytes.length}`, "wrong-length");
}
