import type { ReadStream, WriteStream } from "node:tty";
import type { Picture } from "./layout/picture.ts";
import type { Painter } from "./look/tones.ts";

const ALTERNATE_SCREEN = "\u001b[?1049h";
const MAIN_SCREEN = "\u001b[?1049l";
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const HOME = "\u001b[H";
/** What ends a process that does not listen to them. */
const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface FirstPictureOptions {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly painter: Painter;
}

/**
 * The first picture, written as it is: loading Ink takes longer than all the rest of the start. Ink draws over it, on the
 * alternate screen that it finds. Keys that are pressed meanwhile wait in the terminal.
 */
export class FirstPicture {
  readonly #options: FirstPictureOptions;
  #drawn = false;
  readonly #leave = () => this.restore();
  readonly #end = (signal: NodeJS.Signals) => {
    this.restore();
    // Where nobody else listens it does what it would have done.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };

  constructor(options: FirstPictureOptions) {
    this.#options = options;
  }

  draw({ rows }: Picture): void {
    const { stdin, stdout, painter } = this.#options;
    const text = rows.map(painter).join("\r\n");
    if (!this.#drawn) {
      this.#drawn = true;
      stdin.setRawMode(true);
      process.once("exit", this.#leave);
      for (const signal of ENDING_SIGNALS) process.on(signal, this.#end);
    }
    stdout.write(`${ALTERNATE_SCREEN}${HIDE_CURSOR}${HOME}${text}${HOME}`);
  }

  /** From now on somebody else restores the terminal. */
  handOver(): void {
    process.off("exit", this.#leave);
    for (const signal of ENDING_SIGNALS) process.off(signal, this.#end);
    this.#drawn = false;
  }

  /** Gives the terminal back as it was, unless it was handed over. */
  restore(): void {
    if (!this.#drawn) return;
    this.handOver();
    const { stdin, stdout } = this.#options;
    stdin.setRawMode(false);
    stdout.write(`${MAIN_SCREEN}${SHOW_CURSOR}`);
  }
}
