import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Changes } from "../changes.ts";

/** How a program ended and what it printed. */
export interface CommandResult {
  /** Exit code; -1 when a signal ended the program. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** After this time the program is killed. */
  readonly deadlineMs: number;
}

/** A program while it runs, its output kept. */
export class Command {
  readonly #child: ChildProcess;
  readonly #changes = new Changes();
  readonly #ended: Promise<CommandResult>;
  #stdout = "";
  #stderr = "";

  constructor(program: string, args: readonly string[], options: CommandOptions) {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.deadlineMs,
      killSignal: "SIGKILL",
    });
    this.#child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#changes.announce();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.#ended = once(child, "close").then(([code]) => ({
      code: typeof code === "number" ? code : -1,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
  }

  /** Resolves when standard output contains `text`. */
  async printed(text: string, deadlineMs: number): Promise<void> {
    await this.#changes.until(
      () => this.#stdout.includes(text) || undefined,
      deadlineMs,
      () => `"${text}" was not printed, only: ${this.#stdout}${this.#stderr}`,
    );
  }

  /** What it has printed to standard output so far. */
  get stdout(): string {
    return this.#stdout;
  }

  /** Resolves with what `find` finds in standard output, as soon as it does. */
  async found<T>(find: (stdout: string) => T | undefined, deadlineMs: number): Promise<T> {
    return await this.#changes.until(
      () => find(this.#stdout),
      deadlineMs,
      () => `it never printed what was waited for, only: ${this.#stdout}${this.#stderr}`,
    );
  }

  /** What ctrl-c does. */
  interrupt(): void {
    this.#child.kill("SIGINT");
  }

  /** Resolves when the program has ended and its output is complete. */
  result(): Promise<CommandResult> {
    return this.#ended;
  }
}
