import type { Clock } from "@clawmatrix/environment";

/** Waits on the given clock. Returns early when the signal is aborted. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const done = (): void => {
      timer.cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.schedule(ms, done);
    signal?.addEventListener("abort", done, { once: true });
  });
}
