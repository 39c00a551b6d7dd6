import type { Clock, Logger } from "@clawmatrix/environment";

export interface SnapshotCacheOptions<Value> {
  /** Makes a new value. Never called again before it has ended. */
  readonly make: (before: Value | undefined) => Promise<Value>;
  /** Milliseconds for which a value is taken without making a newer one. */
  readonly freshMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Snapshot<Value> {
  /** Undefined: there is none yet. */
  readonly value: Value | undefined;
  /** A newer one is being made. */
  readonly stale: boolean;
}

/**
 * A value that is costly to make: the one there is is given at once, and an old one is replaced behind the scenes, by one making
 * at a time however many ask. What began to be made before it was invalidated never becomes the value.
 */
export class SnapshotCache<Value> {
  readonly #options: SnapshotCacheOptions<Value>;
  #value: Value | undefined;
  #triedAt = Number.NEGATIVE_INFINITY;
  #generation = 0;
  /** Ends once a value was made, or could not be. Never rejects. */
  #making: Promise<void> | undefined;

  constructor(options: SnapshotCacheOptions<Value>) {
    this.#options = options;
  }

  /** What there is; waits `firstWaitMs` milliseconds at most where there is nothing yet. */
  async get(firstWaitMs: number): Promise<Snapshot<Value>> {
    this.#renewIfOld();
    if (this.#value === undefined && this.#making !== undefined) await this.#waitFor(firstWaitMs);
    return this.peek();
  }

  /** What there is now. */
  peek(): Snapshot<Value> {
    return { value: this.#value, stale: this.#making !== undefined };
  }

  /** What there is is wrong: it is not given any more, nor is what is being made. */
  invalidate(): void {
    this.#generation++;
    this.#value = undefined;
    this.#triedAt = Number.NEGATIVE_INFINITY;
  }

  #renewIfOld(): void {
    const { clock, freshMs } = this.#options;
    if (this.#making !== undefined || clock.monotonic() - this.#triedAt < freshMs) return;
    const making = this.#make(this.#generation).finally(() => (this.#making = undefined));
    this.#making = making;
  }

  async #make(generation: number): Promise<void> {
    const { make, clock, logger } = this.#options;
    try {
      const value = await make(this.#value);
      if (generation === this.#generation) this.#value = value;
    } catch (error) {
      // What was known before is better than nothing; the next who asks has it tried again.
      logger.warn("stored sessions could not be listed", { error: String(error) });
    }
    if (generation === this.#generation) this.#triedAt = clock.monotonic();
  }

  async #waitFor(milliseconds: number): Promise<void> {
    const { clock } = this.#options;
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const timer = clock.schedule(milliseconds, () => resolve("late"), { keepAlive: true });
    try {
      // A making that was invalidated meanwhile is followed by one that counts.
      while (this.#value === undefined && this.#making !== undefined) {
        if ((await Promise.race([this.#making, late])) === "late") return;
        this.#renewIfOld();
      }
    } finally {
      timer.cancel();
    }
  }
}
