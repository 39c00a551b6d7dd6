import type { Clock } from "@clawmatrix/environment";
import type { Session } from "../sessions/session.ts";

export interface DrainTurnsOptions {
  /** The sessions whose turns may go on. */
  readonly sessions: readonly Session[];
  /** How long, in milliseconds. */
  readonly graceMs: number;
  readonly clock: Clock;
  /** Ends the waiting at once. */
  readonly signal?: AbortSignal | undefined;
}

/** Waits until no turn of these sessions runs or waits any more, or the grace is over; says how many still run then. */
export async function drainTurns({ sessions, graceMs, clock, signal }: DrainTurnsOptions): Promise<number> {
  const running = (): number => sessions.filter((session) => session.runningTurn !== undefined).length;
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = (): void => {
    if (running() === 0) resolve();
  };
  const timer = clock.schedule(graceMs, resolve, { keepAlive: true });
  const stops = sessions.map((session) => session.changes.listen(look));
  const giveUp = (): void => resolve();
  signal?.addEventListener("abort", giveUp);
  if (signal?.aborted === true) resolve();
  look();
  await promise;
  signal?.removeEventListener("abort", giveUp);
  timer.cancel();
  for (const stop of stops) stop();
  return running();
}
