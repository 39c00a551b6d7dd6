import { stripVTControlCharacters } from "node:util";
import { type IPty, spawn } from "@lydell/node-pty";
import { Changes } from "../changes.ts";
import type { CommandOptions } from "./command.ts";

const COLUMNS = 120;
const ROWS = 40;

/** A program on a terminal of its own, as a person has it before them. */
export class TerminalCommand {
  readonly #terminal: IPty;
  readonly #changes = new Changes();
  #output = "";
  #code: number | undefined;

  constructor(program: string, args: readonly string[], options: Omit<CommandOptions, "deadlineMs">) {
    this.#terminal = spawn(program, [...args], {
      name: "xterm-256color",
      cols: COLUMNS,
      rows: ROWS,
      cwd: options.cwd,
      env: { ...options.env },
    });
    this.#terminal.onData((text) => {
      this.#output += text;
      this.#changes.announce();
    });
    this.#terminal.onExit(({ exitCode }) => {
      this.#code = exitCode;
      this.#changes.announce();
    });
  }

  /** Everything written to the terminal so far, without colours and movements. */
  get text(): string {
    return stripVTControlCharacters(this.#output);
  }

  /** Resolves with the match when the terminal has shown `pattern`. */
  shown(pattern: RegExp, deadlineMs: number): Promise<RegExpExecArray> {
    return this.#changes.until(
      () => pattern.exec(this.text) ?? undefined,
      deadlineMs,
      () => `the terminal never showed ${pattern}, only:\n${this.text}`,
    );
  }

  type(keys: string): void {
    this.#terminal.write(keys);
  }

  /** Resolves with the exit code. */
  async exit(deadlineMs: number): Promise<number> {
    return this.#changes.until(
      () => this.#code,
      deadlineMs,
      () => `the program did not end; its terminal shows:\n${this.text}`,
    );
  }

  /** Ends the program if it still runs. */
  stop(): void {
    if (this.#code === undefined) this.#terminal.kill("SIGKILL");
  }
}
