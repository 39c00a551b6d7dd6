import type { SessionEnvironment } from "./session-environment.ts";
import type { SessionChange } from "./session-store.ts";

/** Keeps what lists show of one session in the store, and leaves alone what has not changed. */
export class SessionKeeper {
  /** When it last changed, in ms since 1970. */
  updatedAt: number;
  readonly #id: string;
  readonly #environment: Pick<SessionEnvironment, "clock" | "store" | "logger">;
  #kept = "";

  constructor(
    id: string,
    updatedAt: number,
    environment: Pick<SessionEnvironment, "clock" | "store" | "logger">,
  ) {
    this.#id = id;
    this.updatedAt = updatedAt;
    this.#environment = environment;
  }

  keep(change: SessionChange): void {
    // Of the many changes of a turn (usage, commands) few are kept.
    const text = JSON.stringify(change);
    if (text === this.#kept) return;
    this.#kept = text;
    const { clock, store, logger } = this.#environment;
    this.updatedAt = Math.trunc(clock.now());
    const closedAt = change.endReason === "closed" ? this.updatedAt : undefined;
    try {
      store.update(this.#id, { ...change, updatedAt: this.updatedAt, closedAt });
    } catch (error) {
      logger.error("a session could not be written to the store", {
        session: this.#id,
        error: String(error),
      });
    }
  }
}
