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

  /**
   * `beside` is written along with `change`, and alone only if `version` is another: of what an agent says in a turn (usage)
   * not everything is worth a writing of its own.
   */
  keep(
    change: SessionChange,
    { version, beside }: { readonly version: number; readonly beside: () => SessionChange },
  ): void {
    const text = JSON.stringify([change, version]);
    if (text === this.#kept) return;
    this.#kept = text;
    const { clock, store, logger } = this.#environment;
    this.updatedAt = Math.trunc(clock.now());
    const closedAt = change.endReason === "closed" ? this.updatedAt : undefined;
    try {
      store.update(this.#id, { ...beside(), ...change, updatedAt: this.updatedAt, closedAt });
    } catch (error) {
      logger.error("a session could not be written to the store", {
        session: this.#id,
        error: String(error),
      });
    }
  }
}
