import { StatusCode, StatusError } from "@clawmatrix/protocol";

/** The error for what was typed wrongly: exit code 2. */
export function wrongUsage(message: string, hint = ""): StatusError {
  return new StatusError(StatusCode.INVALID_ARGUMENT, message, { reason: "wrong-usage", hint });
}
