import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Clock, Timer } from "@clawmatrix/environment";
import type { ConfigurationWatch, WatchConfigurationOptions } from "./configuration.ts";
import { readFile } from "./configuration-file.ts";
import type { NodeConfiguration } from "./node-configuration.ts";

/** Editors write in several steps; they are done well before this. */
const SETTLE_MS = 150;

/** How often the file is looked at where the system says nothing of changes: network file systems, linked files. */
const LOOK_INTERVAL_MS = 5_000;

/**
 * Watches the directory and not the file: an editor that saves by renaming puts another file in its place, and the
 * watch of a file would stay with the old one.
 */
export function watchFile(options: WatchConfigurationOptions): ConfigurationWatch {
  return new FileWatch(options);
}

class FileWatch implements ConfigurationWatch {
  readonly #options: WatchConfigurationOptions;
  readonly #clock: Clock;
  readonly #watcher: FSWatcher | undefined;
  #settle: Timer | undefined;
  #look: Timer | undefined;
  #stamp = "";
  #inEffect: string | undefined;
  #reading = false;
  #changedWhileReading = false;
  #stopped = false;

  constructor(options: WatchConfigurationOptions) {
    this.#options = options;
    this.#clock = options.clock;
    if (options.current !== undefined) this.#inEffect = JSON.stringify(options.current);
    this.#watcher = this.#watchDirectory();
    this.#changed();
    this.#lookLater();
  }

  stop(): void {
    this.#stopped = true;
    this.#settle?.cancel();
    this.#look?.cancel();
    this.#watcher?.close();
  }

  #watchDirectory(): FSWatcher | undefined {
    const { file } = this.#options.source;
    const failed = (error: Error): void =>
      this.#options.logger.warn(
        "the system does not report changes of the configuration; it is looked at instead",
        {
          reason: error.message,
        },
      );
    try {
      const watcher = watch(dirname(file), { persistent: false }, (_event, name) => {
        if (name === null || name === basename(file)) this.#changed();
      });
      return watcher.on("error", failed);
    } catch (error) {
      failed(error as Error);
      return undefined;
    }
  }

  #lookLater(): void {
    this.#look = this.#clock.schedule(LOOK_INTERVAL_MS, async () => {
      const stamp = await stampOf(this.#options.source.file);
      if (this.#stopped) return;
      if (stamp !== this.#stamp) this.#changed();
      this.#lookLater();
    });
  }

  #changed(): void {
    this.#settle?.cancel();
    this.#settle = this.#clock.schedule(SETTLE_MS, () => void this.#read());
  }

  async #read(): Promise<void> {
    if (this.#reading) {
      this.#changedWhileReading = true;
      return;
    }
    this.#reading = true;
    const outcome = await this.#outcome();
    this.#reading = false;
    if (this.#stopped) return;
    this.#report(outcome);
    if (this.#changedWhileReading) this.#changed();
    this.#changedWhileReading = false;
  }

  async #outcome(): Promise<NodeConfiguration | Error> {
    this.#stamp = await stampOf(this.#options.source.file);
    return readFile(this.#options.source).catch((error: Error) => error);
  }

  #report(outcome: NodeConfiguration | Error): void {
    const seen = outcome instanceof Error ? outcome.message : JSON.stringify(outcome);
    if (seen === this.#inEffect) return;
    this.#inEffect = seen;
    if (outcome instanceof Error) this.#options.onError(outcome);
    else this.#options.onChange(outcome);
  }
}

/** Differs whenever the file was written or replaced. */
async function stampOf(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  return found === undefined ? "" : `${found.dev} ${found.ino} ${found.size} ${found.mtimeNs}`;
}
