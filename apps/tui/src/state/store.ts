import type { Clock, Timer } from "@clawmatrix/environment";

/** Milliseconds between two drawings that nobody pressed a key for: thousands of updates a second become 30 pictures. */
export const FRAME_MS = 33;

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
    this.#timer ??= this.#clock.schedule(this.#frameMs, () => this.publish());
  }

  /** Draws what has changed now. */
  publish(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#published === this.#state) return;
    this.#published = this.#state;
    for (const listener of this.#listeners) listener();
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
