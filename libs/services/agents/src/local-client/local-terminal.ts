import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Clock } from "@clawmatrix/environment";
import { signalGroup } from "../process/process-group.ts";
import type { ProcessLedger } from "../process/process-ledger.ts";
import { OutputTail } from "./output-tail.ts";

export interface LocalTerminalOptions {
  /** A program where there are arguments, else a line for the shell. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** An existing directory. */
  readonly cwd: string;
  /** What is kept of its output: the end. */
  readonly maxOutputBytes: number;
  readonly clock: Clock;
  readonly ledger: ProcessLedger;
}

/** As ACP has it. */
export interface TerminalExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** How long the pipes are drained after the exit: what it started may hold them open for ever. */
const DRAIN_MS = 200;

/** A command that the node runs for an agent, in a process group of its own, without input. */
export class LocalTerminal {
  /** Resolves once the command has ended and what it wrote was read. Never rejects. */
  readonly exited: Promise<TerminalExit>;
  readonly #child: ChildProcess;
  readonly #output: OutputTail;
  #exit: TerminalExit | undefined;

  private constructor(child: ChildProcess, { clock, ledger, maxOutputBytes }: LocalTerminalOptions) {
    this.#child = child;
    this.#output = new OutputTail(maxOutputBytes);
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => this.#output.push(chunk));
    this.exited = new Promise((resolve) => {
      child.once("exit", (exitCode, signal) => {
        const finish = (): void => {
          drain.cancel();
          this.kill();
          if (child.pid !== undefined) ledger.strike(child.pid);
          this.#exit = { exitCode, signal };
          resolve(this.#exit);
        };
        const drain = clock.schedule(DRAIN_MS, finish);
        child.once("close", finish);
      });
    });
  }

  /** @throws the system's error if the command cannot be started. */
  static async start(options: LocalTerminalOptions): Promise<LocalTerminal> {
    const { command, args, cwd, env, ledger } = options;
    const child = spawn(command, [...args], {
      cwd,
      env: { ...env, ...ledger.environment },
      shell: args.length === 0,
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    const terminal = new LocalTerminal(child, options);
    if (child.pid !== undefined) ledger.enter(child.pid);
    await once(child, "spawn");
    // Later errors (a signal that could not be sent) are followed by the exit, or by nothing.
    child.on("error", () => undefined);
    return terminal;
  }

  /** ACP's TerminalOutputResponse. */
  output(): { output: string; truncated: boolean; exitStatus?: TerminalExit } {
    const output = this.#output.text();
    return { output, truncated: this.#output.truncated, ...(this.#exit && { exitStatus: this.#exit }) };
  }

  /** Ends the command and what it started; its output stays. */
  kill(): void {
    signalGroup(this.#child, "SIGKILL");
  }
}
