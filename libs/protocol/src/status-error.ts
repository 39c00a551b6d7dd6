import { StatusCode } from "./gen/clawmatrix/v1/enums.ts";

export interface StatusErrorOptions {
  /** A stable word for programs, finer than the code: "agent-exited", "directory-not-allowed", … */
  readonly reason?: string;
  /** What to do next, for people. */
  readonly hint?: string;
  /** The same request may succeed when sent again. Default: true for UNAVAILABLE, else false. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/**
 * The one error of ClawMatrix: gRPC's status code, what failed and why in a sentence, and what to do next.
 * It crosses calls as a `CallStatus`. Neither message nor hint may hold secrets or message bodies (P12).
 */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly code: StatusCode;
  readonly reason: string;
  readonly hint: string;
  readonly retryable: boolean;

  constructor(code: StatusCode, message: string, options: StatusErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.reason = options.reason ?? "";
    this.hint = options.hint ?? "";
    this.retryable = options.retryable ?? code === StatusCode.UNAVAILABLE;
  }

  /** Any thrown value as a `StatusError`: itself if it is one, otherwise INTERNAL with the value as cause. */
  static from(thrown: unknown): StatusError {
    if (thrown instanceof StatusError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new StatusError(StatusCode.INTERNAL, message, { cause: thrown });
  }
}

/** The code as people and JSON see it: "not-found", "permission-denied", … ("ok" for 0, "unknown" for a newer one). */
export function statusName(code: StatusCode): string {
  return STATUS_NAMES[code] ?? "unknown";
}

const STATUS_NAMES: readonly string[] = [
  "ok",
  "cancelled",
  "unknown",
  "invalid-argument",
  "deadline-exceeded",
  "not-found",
  "already-exists",
  "permission-denied",
  "resource-exhausted",
  "failed-precondition",
  "aborted",
  "out-of-range",
  "unimplemented",
  "internal",
  "unavailable",
  "data-loss",
  "unauthenticated",
];
