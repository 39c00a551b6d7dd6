/** A timer that can be taken back. Cancelling one that has fired, or twice, does nothing. */
export interface Timer {
  cancel(): void;
}

export interface TimerOptions {
  /** Whether the timer alone keeps the process alive. Default: false. */
  readonly keepAlive?: boolean;
}

/**
 * Time, as a node sees it. It comes in from outside, so that the same code runs on the machine's clock and,
 * in the simulator, on virtual time.
 */
export interface Clock {
  /** Wall-clock time in milliseconds since 1970 (UTC). May jump; use it only for what people or other nodes read. */
  now(): number;
  /** Milliseconds since an arbitrary moment. Never goes back: durations and deadlines are measured with it. */
  monotonic(): number;
  /** Calls `callback` once, after `delayMs` milliseconds. */
  schedule(delayMs: number, callback: () => void, options?: TimerOptions): Timer;
}

/** `setTimeout` fires at once beyond this (2^31 - 1 ms, 24.8 days), so longer delays are clamped to it. */
const LONGEST_DELAY_MS = 2_147_483_647;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(delayMs, callback, options) {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), LONGEST_DELAY_MS));
    if (options?.keepAlive !== true) timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
