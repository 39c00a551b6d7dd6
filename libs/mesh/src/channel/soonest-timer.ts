import type { Clock, Timer } from "@clawmatrix/environment";

/**
 * One timer for moments that mostly move into the future: setting a later moment than the one it waits for costs
 * nothing, it looks again when it fires.
 */
export class SoonestTimer {
  readonly #clock: Clock;
  readonly #callback: () => void;
  #timer: Timer | undefined;
  /** When the timer fires, and when it should: monotonic milliseconds. */
  #fires = 0;
  #due = 0;

  constructor(clock: Clock, callback: () => void) {
    this.#clock = clock;
    this.#callback = callback;
  }

  /** Calls back at `moment` (monotonic milliseconds), instead of any moment set before. */
  schedule(moment: number): void {
    this.#due = moment;
    if (this.#timer !== undefined && this.#fires <= moment) return;
    this.#timer?.cancel();
    this.#start();
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #start(): void {
    this.#fires = this.#due;
    this.#timer = this.#clock.schedule(Math.max(0, this.#due - this.#clock.monotonic()), () => {
      this.#timer = undefined;
      if (this.#due > this.#clock.monotonic()) this.#start();
      else this.#callback();
    });
  }
}
