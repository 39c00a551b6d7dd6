/** What the person or the configuration can do about a failure differs by its kind. */
export type FailureKind = "unreachable" | "key" | "request" | "busy" | "broken";

/** The endpoint did not do its part. The message says what happened, why as far as is known, and what to do. */
export class EndpointFailure extends Error {
  override readonly name = "EndpointFailure";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}
