import type { Clock, Timer } from "@clawmatrix/environment";

export interface StatusWatchOptions<Status> {
  readonly clock: Clock;
  readonly read: () => Status;
  /** Calls back after every change. Returns how to end that. */
  readonly onChange: (listener: () => void) => () => void;
  /** Milliseconds between two statuses, at least: changes in between are told by the later one. */
  readonly intervalMs: number;
  readonly signal: AbortSignal;
}

/**
 * The status now, and again whenever it has changed: at once after a quiet time, otherwise when the interval is over.
 * A reader that is slow gets the newest one, not all that it missed.
 */
export async function* watchStatus<Status>(options: StatusWatchOptions<Status>): AsyncGenerator<Status> {
  const { clock, read, onChange, intervalMs, signal } = options;
  let changed = true;
  let wake: () => void = () => undefined;
  const notice = (): void => {
    changed = true;
    wake();
  };
  const unsubscribe = onChange(notice);
  signal.addEventListener("abort", notice);
  let pause: Timer | undefined;
  try {
    while (!signal.aborted) {
      if (!changed) await new Promise<void>((resolve) => (wake = resolve));
      if (signal.aborted) return;
      changed = false;
      yield read();
      await new Promise<void>((resolve) => {
        pause = clock.schedule(intervalMs, resolve);
        wake = () => signal.aborted && resolve();
      });
    }
  } finally {
    pause?.cancel();
    unsubscribe();
    signal.removeEventListener("abort", notice);
  }
}
