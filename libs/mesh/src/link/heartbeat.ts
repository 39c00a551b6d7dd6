import type { Clock, Random, Timer } from "@clawmatrix/environment";
import { RoundTrip } from "./round-trip.ts";

export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** How often this side sends, in ms. */
  readonly intervalMs: number;
  /** How often the other side says that it sends, in ms. */
  readonly peerIntervalMs: number;
  readonly send: (number: number) => void;
  /** Nothing has been heard for three of the other side's heartbeats. */
  readonly onSilence: () => void;
  /** The cost of the link, as it is reported, has changed. */
  readonly onCost: () => void;
}

/**
 * Heartbeats come up to this share of the interval earlier, so that nodes do not fall into step. Never later: who
 * hears nothing for three intervals knows that three are missing.
 */
const JITTER = 0.2;
/** Heartbeats that may be missing. */
const MISSED = 3;
/**
 * The third is taken for missing so much of an interval before it is overdue for certain: heartbeats come early, so that
 * it nearly always is; and the mesh has that time to route around a dead node within three intervals.
 */
const HASTE = 0.1;
/** What a peer may say of its interval, in ms: less would be a flood, more would never notice a dead link. */
const SHORTEST_INTERVAL_MS = 100;
const LONGEST_INTERVAL_MS = 5 * 60_000;

/** Tells that a link lives, notices that it does not, and measures its round-trip time. */
export class Heartbeat {
  readonly roundTrip = new RoundTrip();
  readonly #options: HeartbeatOptions;
  readonly #silenceMs: number;
  #number = 0;
  #sentAt: number | undefined;
  #heardAt: number;
  #next: Timer | undefined;
  #check: Timer | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    const interval = Math.min(LONGEST_INTERVAL_MS, Math.max(SHORTEST_INTERVAL_MS, options.peerIntervalMs));
    this.#silenceMs = Math.ceil(interval * (MISSED - HASTE));
    this.#heardAt = options.clock.monotonic();
  }

  /** Sends the first heartbeat at once. */
  start(): void {
    this.#beat();
    this.#watch(this.#silenceMs);
  }

  stop(): void {
    this.#next?.cancel();
    this.#check?.cancel();
  }

  /** Anything at all has come from the other side. */
  heard(): void {
    this.#heardAt = this.#options.clock.monotonic();
  }

  /** The other side has answered a heartbeat. */
  answered(number: number): void {
    if (number !== this.#number || this.#sentAt === undefined) return;
    const elapsed = this.#options.clock.monotonic() - this.#sentAt;
    this.#sentAt = undefined;
    if (this.roundTrip.measured(elapsed)) this.#options.onCost();
  }

  #beat(): void {
    const { clock, random, intervalMs, send } = this.#options;
    this.#number = (this.#number + 1) >>> 0;
    this.#sentAt = clock.monotonic();
    send(this.#number);
    const delay = intervalMs * (1 - JITTER * random.fraction());
    this.#next = clock.schedule(delay, () => this.#beat());
  }

  #watch(delayMs: number): void {
    const { clock, onSilence } = this.#options;
    const due = clock.monotonic() + delayMs;
    this.#check = clock.schedule(delayMs, () => {
      const now = clock.monotonic();
      const silentMs = now - this.#heardAt;
      // A timer that comes far too late means that this node itself stood still: what was sent meanwhile is not read yet.
      const stoodStill = now - due > this.#silenceMs / MISSED;
      if (silentMs >= this.#silenceMs && !stoodStill) onSilence();
      // At least a millisecond, lest rounding makes it look again and again in the same moment.
      else this.#watch(Math.max(1, stoodStill ? this.#silenceMs / MISSED : this.#silenceMs - silentMs));
    });
  }
}
