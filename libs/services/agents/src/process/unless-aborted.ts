import { StatusCode, StatusError } from "@clawmatrix/protocol";

/**
 * Waits for `promise`, which goes on by itself, until the caller has gone.
 * @throws StatusError CANCELLED once `signal` is aborted.
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => {
    reject(new StatusError(StatusCode.CANCELLED, "the caller has gone", { reason: "cancelled" }));
  };
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
