import type { Clock, Random } from "@clawmatrix/environment";
import { KeyHash } from "./key-hash.ts";
import { requirePositive } from "./limits.ts";
import { StringIndex } from "./string-index.ts";

export interface GenerationOptions {
  /** Time, for the age of a generation (monotonic). */
  readonly clock: Pick<Clock, "monotonic">;
  /** Entries per generation. At most twice as many are kept. */
  readonly entries: number;
  /** Milliseconds that a generation collects. An entry is found for one to two times as long. */
  readonly milliseconds: number;
  /** Salts the hash, so that peers cannot choose colliding keys. Shows in nothing else. Default: the machine's. */
  readonly random?: Random;
}

/** One generation: its keys and, by position, their values. */
interface Generation<V> {
  readonly index: StringIndex;
  readonly values: V[];
  startedAt: number;
}

/**
 * A map of what came lately, in two generations. New entries go into the younger one; when that is full, or
 * has collected for its time, the older one is forgotten at once and the younger takes its place. So each
 * entry is found for at least `entries` later ones or `milliseconds`, whichever comes first, and an insertion
 * costs the same however full the map is.
 *
 * Every method takes the time as a last argument, for callers that have read the clock already.
 */
export class GenerationMap<V> {
  readonly #options: GenerationOptions;
  readonly #hash: KeyHash;
  #young: Generation<V>;
  #old: Generation<V>;

  constructor(options: GenerationOptions) {
    requirePositive("entries", options.entries);
    requirePositive("milliseconds", options.milliseconds);
    this.#options = options;
    this.#hash = new KeyHash(options.random);
    const startedAt = options.clock.monotonic();
    this.#young = { index: new StringIndex(), values: [], startedAt };
    this.#old = { index: new StringIndex(), values: [], startedAt };
  }

  /** Entries now kept, at most `2 * entries`. */
  get size(): number {
    return this.#young.index.size + this.#old.index.size;
  }

  /** Adds `key` if it is not there. False: it is there and stays as it is, its time not renewed. */
  add(key: string, value: V, now = this.#options.clock.monotonic()): boolean {
    this.#rotate(now);
    const hash = this.#hash.of(key);
    if (this.#old.index.find(key, hash) >= 0) return false;
    const { index, values } = this.#young;
    if (index.find(key, hash) >= 0) return false;
    const position = index.size;
    index.insert(key, hash, position);
    values[position] = value;
    return true;
  }

  /** Replaces the value of `key`, its time not renewed, or adds it. */
  set(key: string, value: V, now = this.#options.clock.monotonic()): void {
    if (this.add(key, value, now)) return;
    const hash = this.#hash.of(key);
    for (const { index, values } of [this.#young, this.#old]) {
      const position = index.find(key, hash);
      if (position >= 0) values[position] = value;
    }
  }

  get(key: string, now = this.#options.clock.monotonic()): V | undefined {
    this.#rotate(now);
    const hash = this.#hash.of(key);
    for (const { index, values } of [this.#young, this.#old]) {
      const position = index.find(key, hash);
      if (position >= 0) return values[position];
    }
    return undefined;
  }

  has(key: string, now = this.#options.clock.monotonic()): boolean {
    this.#rotate(now);
    const hash = this.#hash.of(key);
    return this.#young.index.find(key, hash) >= 0 || this.#old.index.find(key, hash) >= 0;
  }

  clear(): void {
    this.#forget(this.#young);
    this.#forget(this.#old);
  }

  #rotate(now: number): void {
    const { entries, milliseconds } = this.#options;
    const age = now - this.#young.startedAt;
    if (age < milliseconds && this.#young.index.size < entries) return;
    const [young, old] = [this.#old, this.#young];
    this.#forget(young);
    // After a pause of two generations even the younger one is too old.
    if (age >= 2 * milliseconds) this.#forget(old);
    young.startedAt = now;
    this.#young = young;
    this.#old = old;
  }

  #forget(generation: Generation<V>): void {
    generation.index.clear();
    generation.values.length = 0;
  }
}

/** The same for keys alone: has this id been seen lately? */
export class GenerationSet {
  readonly #map: GenerationMap<true>;

  constructor(options: GenerationOptions) {
    this.#map = new GenerationMap(options);
  }

  get size(): number {
    return this.#map.size;
  }

  /** True: the key is new, and is known from now on. False: it was there; its time is not renewed. */
  add(key: string, now?: number): boolean {
    return this.#map.add(key, true, now);
  }

  has(key: string, now?: number): boolean {
    return this.#map.has(key, now);
  }

  clear(): void {
    this.#map.clear();
  }
}
