import type { Clock, Timer } from "@clawmatrix/environment";

/** Tells whoever listens that something has changed; what, they look up themselves. */
export class ChangeSignal {
  readonly #listeners = new Set<() => void>();

  /** The function that it gives ends the listening. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/**
 * How long what comes in floods is gathered. So much more can be told, sealed, forwarded and written at once, while what
 * comes alone is not held back at all.
 */
const GATHERED_MS = 2;

/** The same, for changes that come in floods. */
export class FloodSignal extends ChangeSignal {
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #changed = false;

  constructor(clock: Clock) {
    super();
    this.#clock = clock;
  }

  /** Tells of it at once, unless there was a change a moment ago: then with all that follow within a moment. */
  notifySoon(): void {
    if (this.#timer !== undefined) {
      this.#changed = true;
      return;
    }
    this.notify();
    this.#gather();
  }

  override notify(): void {
    this.#changed = false;
    super.notify();
  }

  #gather(): void {
    this.#timer = this.#clock.schedule(GATHERED_MS, () => {
      this.#timer = undefined;
      if (!this.#changed) return;
      this.notify();
      this.#gather();
    });
  }
}

/** A place to wait at until woken; being woken before the waiting is remembered. */
export class Wakeup {
  #woken = false;
  #resolve: (() => void) | undefined;

  wake(): void {
    this.#woken = true;
    this.#resolve?.();
  }

  async wait(): Promise<void> {
    if (!this.#woken) await new Promise<void>((resolve) => (this.#resolve = resolve));
    this.#woken = false;
    this.#resolve = undefined;
  }
}
