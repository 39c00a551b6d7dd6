import type { Clock } from "@clawmatrix/environment";

/** Resolves after `ms` milliseconds, or at once when `signal` is aborted. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      timer.cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.schedule(ms, done, { keepAlive: true });
    signal.addEventListener("abort", done);
  });
}
