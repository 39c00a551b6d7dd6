import { StatusCode } from "./gen/clawmatrix/v1/enums.ts";
import { StatusError } from "./status-error.ts";

/** Ends a decoder: the bytes are no message. Says what is wrong and where, and nothing of what they hold. */
export function malformed(what: string, position: number): never {
  throw new StatusError(StatusCode.INVALID_ARGUMENT, `malformed message: ${what} (byte ${position})`, {
    reason: "malformed-frame",
  });
}
