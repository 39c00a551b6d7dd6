import { CallStatus, type CallStatusInit, StatusCode, StatusError } from "@clawmatrix/protocol";

/** The longest text of a status; more is cut off. */
const MAX_TEXT_CHARACTERS = 4096;
const OK = new Uint8Array(0);

/** The bytes of a CallStatus: of an error, or of OK where there is none. */
export function encodeStatus(error: StatusError | undefined): Uint8Array {
  if (error === undefined) return OK;
  const status: CallStatusInit = {
    code: error.code,
    message: cut(error.message),
    reason: cut(error.reason),
    hint: cut(error.hint),
    retryable: error.retryable,
  };
  return CallStatus.encode(status);
}

/** The error of a CallStatus; undefined for OK. Throws StatusError INVALID_ARGUMENT for malformed bytes. */
export function decodeStatus(bytes: Uint8Array): StatusError | undefined {
  const { code, message, reason, hint, retryable } = CallStatus.decode(bytes);
  if (code === StatusCode.UNSPECIFIED) return undefined;
  return new StatusError(code, message, { reason, hint, retryable });
}

/**
 * What a caller is told of something that a service has thrown: a StatusError as it is; of anything else only that
 * it happened, as its message was not written for the caller and may hold anything.
 */
export function statusForCaller(thrown: unknown, method: string): StatusError {
  if (thrown instanceof StatusError) return thrown;
  return new StatusError(StatusCode.INTERNAL, `${method} failed in a way that it does not expect`, {
    reason: "internal",
    hint: "the log of the node that served the call says more",
    cause: thrown,
  });
}

function cut(text: string): string {
  return text.length <= MAX_TEXT_CHARACTERS ? text : `${text.slice(0, MAX_TEXT_CHARACTERS)}…`;
}
