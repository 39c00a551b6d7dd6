import type { Clock, Timer } from "@clawmatrix/environment";

/** Milliseconds between two drawings that nobody pressed a key for: thousands of updates a second become 30 pictures. */
export const FRAME_MS = 33;

/** Drawing takes one part in so many of the time at most: on a slow machine there are fewer pictures, not later keys. */
const DRAWING_SHARE = 4;
/** However slow drawing is, what happened is seen after so many milliseconds. */
const LONGEST_FRAME_MS = 100;

export interface StoreOptions {
  readonly clock: Clock;
  /** Default: FRAME_MS. */
  readonly frameMs?: number;
}

/**
 * The state of the screen, apart from drawing. `state` is always current; `published` is what is drawn, renewed once a frame, or at
 * once for what a person did.
 */
export class Store<State> {
  readonly #clock: Clock;
  readonly #frameMs: number;
  readonly #listeners = new Set<() => void>();
  /** When a picture may be drawn next that nobody pressed a key for. */
  #nextAtMs = 0;
  #state: State;
  #published: State;
  #timer: Timer | undefined;

  constructor(initial: State, { clock, frameMs = FRAME_MS }: StoreOptions) {
    this.#clock = clock;
    this.#frameMs = frameMs;
    this.#state = initial;
    this.#published = initial;
  }

  get state(): State {
    return this.#state;
  }

  /** Replaces the state. It is drawn with the next frame. */
  update(reduce: (state: State) => State): void {
    const next = reduce(this.#state);
    if (next === this.#state) return;
    this.#state = next;
    if (this.#timer !== undefined) return;
    const waitMs = Math.max(0, this.#nextAtMs - this.#clock.monotonic());
    this.#timer = this.#clock.schedule(waitMs, () => this.publish());
  }

  /** Draws what has changed now. */
  publish(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#published === this.#state) return;
    this.#published = this.#state;
    const startedAtMs = this.#clock.monotonic();
    this.#nextAtMs = startedAtMs + this.#frameMs;
    for (const listener of this.#listeners) listener();
    // The listeners draw in microtasks of their own, which come before this one.
    queueMicrotask(() => {
      const tookMs = this.#clock.monotonic() - startedAtMs;
      const frameMs = Math.max(this.#frameMs, Math.min(tookMs * DRAWING_SHARE, LONGEST_FRAME_MS));
      this.#nextAtMs = startedAtMs + frameMs;
    });
  }

  /** For `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** For `useSyncExternalStore`. */
  readonly published = (): State => this.#published;

  /** Draws nothing any more. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#listeners.clear();
  }
}
