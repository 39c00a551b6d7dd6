import type { Clock, Random } from "@clawmatrix/environment";
import { ExpiringMap } from "./expiring-map.ts";
import { requirePositive } from "./limits.ts";

export interface RateOptions {
  /** Time (monotonic). */
  readonly clock: Pick<Clock, "monotonic">;
  /** Tokens that come back per second. */
  readonly perSecond: number;
  /** The most tokens that can be saved up, and those at the beginning. */
  readonly burst: number;
}

/** Lets `burst` events through at once, and `perSecond` in the long run. */
export class TokenBucket {
  readonly #options: RateOptions;
  #tokens: number;
  #filledAt: number;

  constructor(options: RateOptions) {
    requirePositive("perSecond", options.perSecond);
    requirePositive("burst", options.burst);
    this.#options = options;
    this.#tokens = options.burst;
    this.#filledAt = options.clock.monotonic();
  }

  /** Takes `tokens`, all or none. False: there are not as many. */
  take(tokens = 1): boolean {
    this.#fill();
    if (this.#tokens < tokens) return false;
    this.#tokens -= tokens;
    return true;
  }

  /** Milliseconds until `tokens` will be there if nobody takes any; Infinity if that is more than `burst`. */
  waitMs(tokens = 1): number {
    this.#fill();
    if (tokens > this.#options.burst) return Number.POSITIVE_INFINITY;
    return Math.max(0, ((tokens - this.#tokens) / this.#options.perSecond) * 1000);
  }

  #fill(): void {
    const now = this.#options.clock.monotonic();
    const filled = this.#tokens + ((now - this.#filledAt) / 1000) * this.#options.perSecond;
    this.#tokens = Math.min(this.#options.burst, filled);
    this.#filledAt = now;
  }
}

export interface KeyedRateOptions extends RateOptions {
  /** The most keys with a bucket of their own. */
  readonly keys: number;
  /** Salts the hash of the keys. Default: the machine's. */
  readonly random?: Random;
}

/**
 * A bucket per key (address, node, …). A key not heard of for so long that its bucket is full again is
 * forgotten. While `keys` of them are busy, all further keys share one more bucket: many keys neither
 * push out those that are being limited nor get through themselves.
 */
export class KeyedRateLimit {
  readonly #options: KeyedRateOptions;
  readonly #buckets: ExpiringMap<TokenBucket>;
  readonly #shared: TokenBucket;

  constructor(options: KeyedRateOptions) {
    requirePositive("keys", options.keys);
    this.#options = options;
    this.#shared = new TokenBucket(options);
    this.#buckets = new ExpiringMap({
      clock: options.clock,
      entries: options.keys,
      milliseconds: (options.burst / options.perSecond) * 1000,
      ...(options.random === undefined ? {} : { random: options.random }),
    });
  }

  /** Keys with a bucket of their own now. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes `tokens` of this key, all or none. False: there are not as many. */
  take(key: string, tokens = 1): boolean {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      if (this.#buckets.size >= this.#options.keys) return this.#shared.take(tokens);
      bucket = new TokenBucket(this.#options);
    }
    if (!bucket.take(tokens)) return false;
    this.#buckets.set(key, bucket);
    return true;
  }
}
