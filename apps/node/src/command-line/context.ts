import { homedir } from "node:os";
import type { NodeConnection } from "@clawmatrix/client";
import { type NodePaths, resolvePaths } from "@clawmatrix/config";
import { type Clock, type Random, systemClock, systemRandom } from "@clawmatrix/environment";
import { createOutput, type Output } from "./output.ts";

/** What every command gets from outside. */
export interface CommandContext {
  readonly output: Output;
  readonly paths: NodePaths;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborted by ctrl-c and SIGTERM. */
  readonly signal: AbortSignal;
  /** A connection to the local node; made once, closed when the command ends. Throws "node-not-running". */
  connect(): Promise<NodeConnection>;
}

export interface OwnedContext extends CommandContext {
  /** Gives back what the command held: its connection and its signal handlers. */
  dispose(): Promise<void>;
}

/** The context of one run of `clawmatrix`. */
export function createContext(json: boolean): OwnedContext {
  const paths = resolvePaths(process.env, process.platform, homedir(), process.cwd());
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  let connection: Promise<NodeConnection> | undefined;
  return {
    output: createOutput(json),
    paths,
    env: process.env,
    clock: systemClock,
    random: systemRandom,
    signal: abort.signal,
    connect() {
      connection ??= import("@clawmatrix/client").then(({ connectToNode }) =>
        connectToNode({ socket: paths.socket, clock: systemClock, random: systemRandom }),
      );
      return connection;
    },
    async dispose() {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", interrupt);
      const opened = await connection?.catch(() => undefined);
      await opened?.close();
    },
  };
}
