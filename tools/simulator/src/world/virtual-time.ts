import { VirtualClock } from "@clawmatrix/environment";

/** Virtual time that lets promises keep up with timers: what a timer sets off is done before the next one fires. */
export class VirtualTime {
  readonly clock = new VirtualClock();

  get nowMs(): number {
    return this.clock.monotonic();
  }

  /** Lets so many milliseconds pass. */
  async pass(ms: number): Promise<void> {
    const until = this.nowMs + ms;
    while (this.nowMs < until) await this.#step(until);
  }

  /** Lets time pass until the condition holds, looking every `stepMs`. False: it did not within `withinMs`. */
  async until(condition: () => boolean, withinMs: number, stepMs = 100): Promise<boolean> {
    const until = this.nowMs + withinMs;
    while (!condition()) {
      if (this.nowMs >= until) return false;
      await this.pass(Math.min(stepMs, until - this.nowMs));
    }
    return true;
  }

  async #step(until: number): Promise<void> {
    const due = this.clock.nextDue();
    this.clock.advance(Math.max(0, Math.min(due ?? until, until) - this.nowMs));
    await promisesDone();
  }
}

/** Resolves when no promise has anything left to do that does not wait for a timer. */
export function promisesDone(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
