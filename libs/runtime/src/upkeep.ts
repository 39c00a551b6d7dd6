import type { SessionsConfiguration } from "@clawmatrix/config";
import type { Clock, Logger, Timer } from "@clawmatrix/environment";
import type { Store } from "@clawmatrix/store";

export interface UpkeepOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sessions: () => SessionsConfiguration;
}

/** An hour: what is kept is counted in days. */
const INTERVAL_MS = 60 * 60_000;
/** Nodes that have not been seen for so long are forgotten: half a year. */
const KEEP_NODES_MS = 180 * 24 * 60 * 60_000;

/** Throws away what the store has kept for long enough. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #timer: Timer | undefined;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = this.#options.clock.schedule(INTERVAL_MS, () => {
      this.#run();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #run(): void {
    const { store, clock, logger, sessions } = this.#options;
    const now = clock.now();
    try {
      const closed = store.sessions.deleteClosedBefore(now - sessions().keepMs);
      const calls = store.executedCalls.purgeExpired(now);
      const nodes = store.knownRecords.deleteLastSeenBefore(now - KEEP_NODES_MS);
      logger.debug("upkeep of the store", { closed, calls, nodes });
    } catch (error) {
      logger.error("upkeep of the store failed", { error: String(error) });
    }
  }
}
