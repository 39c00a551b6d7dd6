import type { Clock, Random } from "@clawmatrix/environment";
import { KeyHash } from "./key-hash.ts";
import { requirePositive } from "./limits.ts";
import { StringIndex } from "./string-index.ts";

/** Why an entry left by itself: its time was over, or the map was full and it was the oldest. */
export type Departure = "expired" | "displaced";

export interface ExpiringMapOptions<V> {
  /** Time, for the age of entries (monotonic). */
  readonly clock: Pick<Clock, "monotonic">;
  /** The most entries kept. */
  readonly entries: number;
  /** Milliseconds from the last `set` of an entry until it is gone. */
  readonly milliseconds: number;
  /** Told of each entry that leaves by itself; not of `delete`, `clear` or a replaced value. It must not change the map. */
  readonly onDeparture?: (key: string, value: V, why: Departure) => void;
  /** Salts the hash, so that peers cannot choose colliding keys. Shows in nothing else. Default: the machine's. */
  readonly random?: Random;
}

/** The end of a list of positions. */
const NONE = -1;
/** Places of a new map; they double as it fills. */
const FIRST_CAPACITY = 64;
/** Expired entries taken out by one insertion at most: two for one, so that they go faster than new ones come. */
const SWEPT_PER_INSERTION = 2;

/**
 * A map whose entries live for one fixed time, and which at its bound lets the expired go first, then the
 * oldest. All entries live equally long, so the order of insertion is the order of expiry: a list of
 * positions, oldest first, finds what has to leave at constant cost, however full the map is.
 *
 * What has expired is never found, but leaves memory only as later insertions, `size` or `sweep` come by it.
 * Every method takes the time as a last argument, for callers that have read the clock already.
 */
export class ExpiringMap<V> {
  readonly #options: ExpiringMapOptions<V>;
  readonly #hash: KeyHash;
  readonly #index = new StringIndex();
  /** By position: value, moment of expiry, and the neighbours in the list. They grow as the map fills. */
  readonly #values: (V | undefined)[] = [];
  #expiresAt = new Float64Array(FIRST_CAPACITY);
  #older = new Int32Array(FIRST_CAPACITY);
  #younger = new Int32Array(FIRST_CAPACITY);
  #oldest = NONE;
  #youngest = NONE;
  /** Positions given back, as a list through `#younger`. */
  #free = NONE;

  constructor(options: ExpiringMapOptions<V>) {
    requirePositive("entries", options.entries);
    requirePositive("milliseconds", options.milliseconds);
    this.#options = options;
    this.#hash = new KeyHash(options.random);
  }

  /** Entries that have not expired. Takes out the expired ones, so its cost is spread over the insertions. */
  get size(): number {
    this.sweep();
    return this.#index.size;
  }

  /** Adds an entry, or replaces its value and begins its time anew. True: it was not there. */
  set(key: string, value: V, now = this.#options.clock.monotonic()): boolean {
    const expiresAt = now + this.#options.milliseconds;
    this.#takeOutExpired(now, SWEPT_PER_INSERTION);
    const hash = this.#hash.of(key);
    const known = this.#index.find(key, hash);
    if (known >= 0) {
      const isNew = (this.#expiresAt[known] as number) <= now;
      this.#values[known] = value;
      this.#expiresAt[known] = expiresAt;
      if (known !== this.#youngest) {
        this.#unlink(known);
        this.#append(known);
      }
      return isNew;
    }
    if (this.#index.size >= this.#options.entries) this.#depart(this.#oldest, "displaced");
    const position = this.#takePosition();
    this.#index.insert(key, hash, position);
    this.#values[position] = value;
    this.#expiresAt[position] = expiresAt;
    this.#append(position);
    return true;
  }

  get(key: string, now = this.#options.clock.monotonic()): V | undefined {
    const position = this.#find(key, now);
    return position === NONE ? undefined : this.#values[position];
  }

  has(key: string, now = this.#options.clock.monotonic()): boolean {
    return this.#find(key, now) !== NONE;
  }

  /** True: there was one that had not expired. */
  delete(key: string, now = this.#options.clock.monotonic()): boolean {
    const position = this.#index.find(key, this.#hash.of(key));
    if (position < 0) return false;
    const live = (this.#expiresAt[position] as number) > now;
    this.#release(position);
    return live;
  }

  /** Takes out all that has expired, now rather than little by little. */
  sweep(now = this.#options.clock.monotonic()): void {
    this.#takeOutExpired(now, this.#options.entries);
  }

  clear(): void {
    this.#index.clear();
    this.#values.length = 0;
    this.#oldest = this.#youngest = this.#free = NONE;
  }

  #find(key: string, now: number): number {
    const position = this.#index.find(key, this.#hash.of(key));
    return position >= 0 && (this.#expiresAt[position] as number) > now ? position : NONE;
  }

  #takeOutExpired(now: number, atMost: number): void {
    for (let i = 0; i < atMost; i++) {
      if (this.#oldest === NONE || (this.#expiresAt[this.#oldest] as number) > now) return;
      this.#depart(this.#oldest, "expired");
    }
  }

  #depart(position: number, why: Departure): void {
    const onDeparture = this.#options.onDeparture;
    if (onDeparture === undefined) {
      this.#release(position);
      return;
    }
    const key = this.#index.keyAt(position);
    const value = this.#values[position] as V;
    this.#release(position);
    onDeparture(key, value, why);
  }

  #release(position: number): void {
    this.#index.remove(position);
    this.#unlink(position);
    this.#values[position] = undefined;
    this.#younger[position] = this.#free;
    this.#free = position;
  }

  #takePosition(): number {
    const position = this.#free;
    if (position !== NONE) {
      this.#free = this.#younger[position] as number;
      return position;
    }
    const next = this.#index.size;
    if (next === this.#expiresAt.length) this.#grow();
    return next;
  }

  #grow(): void {
    const capacity = 2 * this.#expiresAt.length;
    const [expiresAt, older, younger] = [this.#expiresAt, this.#older, this.#younger];
    (this.#expiresAt = new Float64Array(capacity)).set(expiresAt);
    (this.#older = new Int32Array(capacity)).set(older);
    (this.#younger = new Int32Array(capacity)).set(younger);
  }

  #append(position: number): void {
    this.#older[position] = this.#youngest;
    this.#younger[position] = NONE;
    if (this.#youngest === NONE) this.#oldest = position;
    else this.#younger[this.#youngest] = position;
    this.#youngest = position;
  }

  #unlink(position: number): void {
    const older = this.#older[position] as number;
    const younger = this.#younger[position] as number;
    if (older === NONE) this.#oldest = younger;
    else this.#younger[older] = younger;
    if (younger === NONE) this.#youngest = older;
    else this.#older[younger] = older;
  }
}
