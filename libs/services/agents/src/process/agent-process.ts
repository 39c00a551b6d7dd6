import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { Clock } from "@clawmatrix/environment";
import { signalGroup } from "./process-group.ts";
import type { ProcessLedger } from "./process-ledger.ts";
import { spawnFailure } from "./spawn-failure.ts";
import { StderrTail } from "./stderr-tail.ts";

export interface AgentProcessOptions {
  readonly agentId: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** An existing directory. */
  readonly cwd: string;
  readonly clock: Clock;
  /** Is told of the process, should the node not live to end it. */
  readonly ledger: ProcessLedger;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderrTail: string;
}

/** How long an agent may take to end after its standard input was closed, before it is told by SIGTERM. */
const CLOSE_GRACE_MS = 2_000;
/** How long after SIGTERM, before SIGKILL. */
const TERMINATE_GRACE_MS = 3_000;
/** How long the pipes are drained after the exit: a grandchild that inherited them may hold them open for ever. */
const DRAIN_MS = 200;

/**
 * The process of an agent. It leads a process group of its own, so that what it started ends with it, and a ctrl-c meant
 * for the node does not reach it. Should the node be killed, its standard input closes, at which agents end; those that do
 * not are in the ledger.
 */
export class AgentProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves once the process has ended and what it wrote was read. Never rejects. */
  readonly exited: Promise<ProcessExit>;
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #stderr = new StderrTail();
  #stopping: Promise<void> | undefined;

  private constructor(child: ChildProcess, clock: Clock, ledger: ProcessLedger) {
    this.#child = child;
    this.#clock = clock;
    this.stdin = child.stdin as Writable;
    this.stdout = child.stdout as Readable;
    child.stderr?.on("data", (chunk: Buffer) => this.#stderr.push(chunk));
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        signalGroup(this.#child, "SIGKILL");
        ledger.strike(this.pid);
        const finish = (): void => {
          drain.cancel();
          child.stdout?.destroy();
          child.stderr?.destroy();
          resolve({ code, signal, stderrTail: this.#stderr.text() });
        };
        const drain = clock.schedule(DRAIN_MS, finish);
        child.once("close", finish);
      });
    });
  }

  /** @throws StatusError that names the command and what to do, if it cannot be started. */
  static async start(options: AgentProcessOptions): Promise<AgentProcess> {
    const { agentId, command, env, cwd, clock, ledger } = options;
    const [program = "", ...args] = command;
    try {
      const child = spawn(program, args, {
        cwd,
        env: { ...env, ...ledger.environment },
        stdio: ["pipe", "pipe", "pipe"],
        detached: process.platform !== "win32",
        windowsHide: true,
      });
      const started = new AgentProcess(child, clock, ledger);
      if (child.pid !== undefined) ledger.enter(child.pid);
      await once(child, "spawn");
      // Later errors (a signal that could not be sent) are followed by the exit, or by nothing.
      child.on("error", () => undefined);
      return started;
    } catch (cause) {
      throw spawnFailure(agentId, program, cwd, cause);
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The last lines of its standard error so far. */
  get stderrTail(): string {
    return this.#stderr.text();
  }

  /** Closes its standard input, then asks it by SIGTERM, then ends it and everything that it started. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    signalGroup(this.#child, "SIGKILL");
    await this.exited;
  }

  async #stop(): Promise<void> {
    this.stdin.end();
    if (await this.#endsWithin(CLOSE_GRACE_MS)) return;
    signalGroup(this.#child, "SIGTERM");
    if (await this.#endsWithin(TERMINATE_GRACE_MS)) return;
    await this.kill();
  }

  async #endsWithin(ms: number): Promise<boolean> {
    let late: () => void = () => undefined;
    const lateness = new Promise<boolean>((resolve) => {
      late = () => resolve(false);
    });
    // Stopping is work to be finished before the node's own process may end.
    const timer = this.#clock.schedule(ms, late, { keepAlive: true });
    const ended = await Promise.race([this.exited.then(() => true), lateness]);
    timer.cancel();
    return ended;
  }
}
