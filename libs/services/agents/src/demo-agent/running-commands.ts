import { type ChildProcess, spawn } from "node:child_process";
import type { Clock, Timer } from "@clawmatrix/environment";

/** How long a command may take to end after it was asked to, before it is killed. */
const GRACE_MS = 1_000;

/**
 * Runs the command in a process group of its own beside a watcher that kills the group when file descriptor 3 closes, which
 * the system does when this process is gone, however it went. So no command outlives the agent, even one killed by `kill -9`.
 */
const WATCHED_SHELL = `{ read -r _ <&3; kill -KILL 0; } >/dev/null 2>&1 & exec 3<&-; exec /bin/sh -c "$1"`;

export interface CommandOptions {
  readonly command: string;
  readonly cwd: string;
  /** Asks the command to end (SIGTERM to its group), and kills it a second later. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Standard output and standard error, as they come. */
  readonly onOutput: (bytes: Uint8Array) => void;
}

/** How a command ended: one of the two is set. */
export interface CommandEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** The shell commands that run now, each with all processes it started. */
export class RunningCommands {
  readonly #children = new Set<ChildProcess>();

  /** Runs a command in the system's shell until it, and what it left running, is gone. Rejects if it cannot be started. */
  run(options: CommandOptions): Promise<CommandEnd> {
    return new Promise((settle, reject) => {
      const child = start(options);
      this.#children.add(child);
      let kill: Timer | undefined;
      const stop = (): void => {
        signalGroup(child, "SIGTERM");
        kill = options.clock.schedule(GRACE_MS, () => signalGroup(child, "SIGKILL"), { keepAlive: true });
      };
      const finish = (): void => {
        this.#children.delete(child);
        kill?.cancel();
        options.signal.removeEventListener("abort", stop);
      };
      child.stdout?.on("data", options.onOutput);
      child.stderr?.on("data", options.onOutput);
      child.once("error", (error) => {
        finish();
        reject(error);
      });
      // What the command left in the background would hold its output open, and outlive the tool call.
      child.once("exit", () => signalGroup(child, "SIGKILL"));
      child.once("close", (exitCode, signal) => {
        finish();
        settle({ exitCode, signal });
      });
      options.signal.addEventListener("abort", stop, { once: true });
      if (options.signal.aborted) stop();
    });
  }

  /** Kills all at once, without waiting: for the end of the process. */
  killAll(): void {
    for (const child of this.#children) signalGroup(child, "SIGKILL");
  }
}

function start(options: CommandOptions): ChildProcess {
  const { command, cwd } = options;
  if (process.platform === "win32") {
    return spawn(command, { cwd, shell: true, windowsHide: true, stdio: ["ignore", "pipe", "pipe"] });
  }
  return spawn("/bin/sh", ["-c", WATCHED_SHELL, "demo", command], {
    cwd,
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
}

function signalGroup(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  if (child.pid === undefined) return;
  if (process.platform === "win32") {
    spawn("taskkill", ["/T", "/F", "/PID", String(child.pid)], { stdio: "ignore", windowsHide: true });
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: the group is gone already, which is what was wanted.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
