import type { Clock, Timer } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";

/** What a CallHeader can say: 49 days. */
const LONGEST_MS = 0xffffffff;

/** Ends a call that takes too long. */
export class CallDeadline {
  readonly #clock: Clock;
  readonly #milliseconds: number;
  readonly #expired: () => void;
  #timer: Timer | undefined;
  #startedAt: number;

  /** Calls `expired` after `milliseconds`; 0: never. */
  constructor(clock: Clock, milliseconds: number, expired: () => void) {
    this.#clock = clock;
    this.#milliseconds = milliseconds;
    this.#expired = expired;
    this.#startedAt = clock.monotonic();
    if (milliseconds > 0) this.#start(milliseconds);
  }

  /** Milliseconds left; 0 where there is no deadline, and 1 where it is over or nearly. */
  get leftMs(): number {
    if (this.#milliseconds === 0) return 0;
    const left = this.#startedAt + this.#milliseconds - this.#clock.monotonic();
    return Math.min(Math.max(1, Math.round(left)), LONGEST_MS);
  }

  /** The time starts again. */
  renew(): void {
    this.#startedAt = this.#clock.monotonic();
  }

  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #start(milliseconds: number): void {
    this.#timer = this.#clock.schedule(milliseconds, () => {
      // A renewal moves the moment, not the timer: it is looked at again when it fires.
      const left = this.#startedAt + this.#milliseconds - this.#clock.monotonic();
      if (left > 0) this.#start(left);
      else this.#expired();
    });
  }
}

/** That a call took longer than its deadline. */
export function deadlineExceeded(method: string, milliseconds: number): StatusError {
  return new StatusError(
    StatusCode.DEADLINE_EXCEEDED,
    `${method} did not finish within ${milliseconds / 1000} s`,
    { reason: "deadline" },
  );
}

/** That a call was given up by who made it. */
export function cancelled(method: string): StatusError {
  return new StatusError(StatusCode.CANCELLED, `${method} was cancelled by its caller`, {
    reason: "cancelled",
  });
}
