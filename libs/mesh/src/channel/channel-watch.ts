import type { Clock } from "@clawmatrix/environment";
import { SoonestTimer } from "./soonest-timer.ts";

export interface ChannelLimits {
  /** A channel that hears nothing for so long, while it waits for something, ends; 90 s. */
  readonly silenceMs: number;
  /** A channel without calls is closed after this time without a frame; 10 minutes. */
  readonly idleMs: number;
}

export interface ChannelWatchOptions {
  readonly clock: Clock;
  readonly limits: ChannelLimits;
  /** Whether an answer of the peer is waited for. */
  readonly isWaiting: () => boolean;
  /** Asks the peer for a sign of life. */
  readonly probe: () => void;
  /** Nothing was heard for too long. */
  readonly onSilent: (silentMs: number) => void;
  /** Nothing was said for too long. */
  readonly onIdle: () => void;
}

/** While something is waited for, silence is broken by a probe this often. */
const PROBE_EVERY_MS = 15_000;

/** Notices that a channel's peer has fallen silent, or that nobody uses the channel any more. */
export class ChannelWatch {
  readonly #options: ChannelWatchOptions;
  readonly #timer: SoonestTimer;
  #idleMs: number;
  #heardAt: number;
  #busySince: number;
  #activeAt: number;

  constructor(options: ChannelWatchOptions) {
    this.#options = options;
    this.#timer = new SoonestTimer(options.clock, () => this.#look());
    this.#idleMs = options.limits.idleMs;
    const now = options.clock.monotonic();
    this.#heardAt = now;
    this.#busySince = now;
    this.#activeAt = now;
  }

  start(): void {
    const { clock, isWaiting } = this.#options;
    this.#timer.schedule(isWaiting() ? clock.monotonic() + PROBE_EVERY_MS : this.#activeAt + this.#idleMs);
  }

  /** No timer is left. */
  stop(): void {
    this.#timer.cancel();
  }

  /** The peer was heard. */
  heard(): void {
    this.#heardAt = this.#options.clock.monotonic();
  }

  /** Something was said that counts as use. */
  active(): void {
    this.#activeAt = this.#options.clock.monotonic();
  }

  /** There is a call again: its peer's silence counts from now. */
  busy(): void {
    this.#busySince = this.#options.clock.monotonic();
    this.start();
  }

  /** Another channel is used for new calls: this one may go as soon as its last call has. */
  retire(): void {
    this.#idleMs = Math.min(PROBE_EVERY_MS, this.#idleMs);
    this.active();
    this.start();
  }

  #look(): void {
    const { clock, isWaiting, limits, probe, onSilent, onIdle } = this.#options;
    const now = clock.monotonic();
    if (isWaiting()) {
      const silentMs = now - Math.max(this.#heardAt, this.#busySince);
      if (silentMs >= limits.silenceMs) {
        onSilent(silentMs);
        return;
      }
      if (silentMs >= PROBE_EVERY_MS) probe();
      // Reckoned as `start` does it, or rounding would set the timer for now again and again.
    } else if (now >= this.#activeAt + this.#idleMs) {
      onIdle();
      return;
    }
    this.start();
  }
}
