import type { Clock, Timer } from "@clawmatrix/environment";

/**
 * The machine on which one boot of a node runs: its clock, and whether it runs at all. Timers and arriving messages
 * pass through `run`, so that a machine that stands still has them later, and one that has crashed never.
 */
export class Machine implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  #skewMs: number;
  #slowMs = 0;
  #state: "running" | "paused" | "crashed" = "running";
  #held: (() => void)[] = [];

  /** `skewMs`: how far its wall clock is ahead of true time. */
  constructor(clock: Clock, skewMs = 0) {
    this.#clock = clock;
    this.#skewMs = skewMs;
  }

  get hasCrashed(): boolean {
    return this.#state === "crashed";
  }

  get isRunning(): boolean {
    return this.#state === "running";
  }

  get skewMs(): number {
    return this.#skewMs;
  }

  /** Timers that are set and have neither fired nor been cancelled. */
  get timers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#clock.now() + this.#skewMs;
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  /** As real timers do, these fire after whole milliseconds. */
  schedule(delayMs: number, callback: () => void): Timer {
    // What is due now is no timer but the end of the turn, which comes in time on a slow machine too.
    const late = delayMs > 0 ? this.#slowMs : 0;
    const inner = this.#clock.schedule(Math.max(0, Math.ceil(delayMs)) + late, () => {
      this.#timers.delete(timer);
      this.run(() => {
        if (!cancelled) callback();
      });
    });
    let cancelled = false;
    const timer: Timer = {
      cancel: () => {
        cancelled = true;
        inner.cancel();
        this.#timers.delete(timer);
      },
    };
    this.#timers.add(timer);
    return timer;
  }

  /** Does something of the node's: now, later, or never. */
  run(action: () => void): void {
    if (this.#state === "paused") this.#held.push(action);
    if (this.#state !== "running") return;
    try {
      action();
    } catch (thrown) {
      // What a process throws in the moment in which it ends nobody catches.
      if (!this.hasCrashed) throw thrown;
    }
  }

  /** Ends without a word. What has begun can do nothing any more. */
  crash(): void {
    this.#state = "crashed";
    this.#held = [];
    for (const timer of [...this.#timers]) timer.cancel();
  }

  pause(): void {
    if (this.#state === "running") this.#state = "paused";
  }

  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "running";
    const held = this.#held;
    this.#held = [];
    for (const action of held) this.run(action);
  }

  /** From now on every timer fires so many milliseconds late. */
  slowDown(ms: number): void {
    this.#slowMs = ms;
  }

  /** The wall clock jumps. */
  jump(ms: number): void {
    this.#skewMs += ms;
  }
}
