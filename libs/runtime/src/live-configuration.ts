import {
  type ConfigurationSource,
  type ConfigurationWatch,
  type NodeConfiguration,
  readConfiguration,
  watchConfiguration,
} from "@clawmatrix/config";
import type { Clock, Logger } from "@clawmatrix/environment";
import { changedKeys, needsRestart } from "./configuration-change.ts";

export interface LiveConfigurationOptions {
  readonly source: ConfigurationSource;
  /** What the node was started with. */
  readonly configuration: NodeConfiguration;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with each configuration that is to take effect; `current` says it already. */
  readonly onApplied: (configuration: NodeConfiguration) => void;
  /** Called when a saved configuration cannot be used; `warning` says why. */
  readonly onRefused: () => void;
}

/** What a reload brought, by top-level keys. */
export interface ConfigurationReload {
  readonly changed: readonly string[];
  readonly restartNeeded: readonly string[];
}

/** The configuration in effect: follows the file, and keeps what holds while the file is wrong. */
export class LiveConfiguration {
  readonly #options: LiveConfigurationOptions;
  #current: NodeConfiguration;
  #warning = "";
  #watch: ConfigurationWatch | undefined;

  constructor(options: LiveConfigurationOptions) {
    this.#options = options;
    this.#current = options.configuration;
  }

  get current(): NodeConfiguration {
    return this.#current;
  }

  /** What of the saved file is not in effect, in a sentence; empty if all of it is. */
  get warning(): string {
    return this.#warning;
  }

  async start(): Promise<void> {
    const { source, clock, logger } = this.#options;
    this.#watch = await watchConfiguration({
      source,
      current: this.#current,
      clock,
      logger,
      onChange: (configuration) => this.#apply(configuration),
      onError: (error) => this.#refuse(error),
    });
  }

  stop(): void {
    this.#watch?.stop();
  }

  /** Reads the file at once. @throws ConfigurationError, or StatusError as `readConfiguration` does. */
  async reload(): Promise<ConfigurationReload> {
    const before = this.#current;
    const configuration = await readConfiguration(this.#options.source);
    this.#apply(configuration);
    return {
      changed: changedKeys(before, configuration),
      restartNeeded: needsRestart(before, configuration),
    };
  }

  #apply(configuration: NodeConfiguration): void {
    const before = this.#current;
    const restart = needsRestart(before, configuration);
    this.#current = configuration;
    this.#warning =
      restart.length === 0
        ? ""
        : `${restart.join(", ")} changed in the configuration and takes effect at the next start`;
    this.#options.logger.info("the configuration was taken over", {
      changed: changedKeys(before, configuration).join(", "),
    });
    this.#options.onApplied(configuration);
  }

  #refuse(error: Error): void {
    this.#warning = `the configuration that was saved is not used: ${error.message}`;
    this.#options.logger.warn("the configuration was not taken over", { error: error.message });
    this.#options.onRefused();
  }
}
