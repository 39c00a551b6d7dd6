import { homedir } from "node:os";
import type { NodeConnection } from "@clawmatrix/client";
import { type NodePaths, resolvePaths } from "@clawmatrix/config";
import { type Clock, type Random, systemClock, systemRandom } from "@clawmatrix/environment";
import { ExitCode } from "./exit-code.ts";
import { createOutput, type Output } from "./output.ts";

/** What every command gets from outside. */
export interface CommandContext {
  readonly output: Output;
  readonly paths: NodePaths;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborted by ctrl-c, SIGTERM, a terminal that is closed, and a reader of standard output that goes away. */
  readonly signal: AbortSignal;
  /** A connection to the local node; made once, closed when the command ends. Throws "node-not-running". */
  connect(): Promise<NodeConnection>;
}

export interface OwnedContext extends CommandContext {
  /** Gives back what the command held: its connection and its signal handlers. */
  dispose(): Promise<void>;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** One ctrl-c can arrive twice, from the terminal and passed on by a parent; later than this, in milliseconds, it is a second. */
const SAME_SIGNAL_MS = 300;

/** The context of one run of `clawmatrix`. */
export function createContext(json: boolean): OwnedContext {
  const paths = resolvePaths(process.env, process.platform, homedir(), process.cwd());
  const { signal, release } = interruption(systemClock);
  let connection: Promise<NodeConnection> | undefined;
  return {
    output: createOutput(json),
    paths,
    env: process.env,
    clock: systemClock,
    random: systemRandom,
    signal,
    connect() {
      connection ??= import("@clawmatrix/client").then(({ connectToNode }) =>
        connectToNode({ socket: paths.socket, clock: systemClock, random: systemRandom }),
      );
      return connection;
    },
    async dispose() {
      release();
      // A connection that never came to be has told its failure to whoever asked for it.
      const opened = await connection?.catch(() => undefined);
      await opened?.close();
    },
  };
}

/** The first signal asks the command to end; a second one ends it at once. */
function interruption(clock: Clock): { signal: AbortSignal; release: () => void } {
  const abort = new AbortController();
  let since = 0;
  const interrupt = (): void => {
    if (!abort.signal.aborted) since = clock.monotonic();
    else if (clock.monotonic() - since > SAME_SIGNAL_MS) process.exit(ExitCode.interrupted);
    abort.abort();
  };
  const readerLeft = (): void => abort.abort();
  for (const name of SIGNALS) process.on(name, interrupt);
  process.stdout.on("error", readerLeft);
  return {
    signal: abort.signal,
    release: () => {
      for (const name of SIGNALS) process.off(name, interrupt);
      process.stdout.off("error", readerLeft);
    },
  };
}
