import type { Clock, Random } from "@clawmatrix/environment";

/** Milliseconds before the first new try, and the longest: a local node that restarts is back within a second. */
const FIRST_MS = 100;
const LONGEST_MS = 5_000;

/** Waits between tries, each time twice as long, with jitter so that the clients of one node do not come back at once. */
export class BackOff {
  readonly #clock: Clock;
  readonly #random: Random;
  #nextMs = FIRST_MS;

  constructor({ clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = clock;
    this.#random = random;
  }

  /** It worked. */
  reset(): void {
    this.#nextMs = FIRST_MS;
  }

  /** Resolves at the next try, or at once when it is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    const ms = this.#nextMs * (0.5 + this.#random.fraction() / 2);
    this.#nextMs = Math.min(LONGEST_MS, this.#nextMs * 2);
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.schedule(ms, resolve, { keepAlive: true });
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    timer.cancel();
  }
}
