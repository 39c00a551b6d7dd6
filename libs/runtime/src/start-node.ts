import {
  type ConfigurationSource,
  makePrivateDirectory,
  type NodePaths,
  readConfiguration,
} from "@clawmatrix/config";
import type { Clock, Random } from "@clawmatrix/environment";
import { acquireHomeLock, openStore } from "@clawmatrix/store";
import type { OwnPrograms } from "./agent-settings.ts";
import { readHome } from "./home/home-state.ts";
import { readCertificate } from "./link-certificate.ts";
import { MemoryReturn } from "./memory-return.ts";
import { openNodeLog } from "./node-log.ts";
import { NodeRuntime } from "./node-runtime.ts";
import { weighBuffersWithHeap } from "./process-memory.ts";

export interface StartNodeOptions {
  readonly paths: NodePaths;
  readonly source: ConfigurationSource;
  readonly clock: Clock;
  readonly random: Random;
  /** The environment that agents inherit. */
  readonly env: NodeJS.ProcessEnv;
  /** The software's own version. */
  readonly version: string;
  readonly programs: OwnPrograms;
}

export interface StartedNode {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly warnings: readonly string[];
  /** Stops it, once running turns have had `graceMs` milliseconds to end. A second time does nothing. */
  stop(graceMs: number): Promise<void>;
  /** Writes down an error that nobody has handled, before the process ends of it. */
  logFatal(error: unknown): void;
  /** Resolves when nothing of it is left, whoever stopped it. */
  readonly stopped: Promise<void>;
}

/** Opens a home and runs its node. @throws StatusError or ConfigurationError, with nothing left behind. */
export async function startNode(options: StartNodeOptions): Promise<StartedNode> {
  const { paths, source, clock, random, env, version, programs } = options;
  weighBuffersWithHeap();
  const { identity, mesh } = await readHome(paths);
  const configuration = await readConfiguration(source);
  const { tls } = configuration.mesh;
  const certificate = tls === undefined ? undefined : await readCertificate(tls);
  for (const directory of paths.directories) await makePrivateDirectory(directory);
  await using undo = new AsyncDisposableStack();
  undo.adopt(acquireHomeLock(paths), (held) => held.release());
  const log = undo.adopt(openNodeLog({ file: paths.logFile, ...configuration.log }), (opened) =>
    opened.close(),
  );
  const { store, damaged } = openStore({ file: paths.storeFile, clock });
  undo.adopt(store, (opened) => opened.close());
  const warnings =
    damaged === undefined
      ? []
      : [
          `the store was damaged (${damaged.reason}); it is set aside as ${damaged.movedTo}, and an empty one was begun`,
        ];
  for (const warning of warnings) log.logger.error("the store is set aside", { warning });
  const { promise: stopped, resolve: hasStopped } = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;
  const node = new NodeRuntime({
    paths,
    source,
    configuration,
    identity,
    mesh,
    store,
    clock,
    random,
    logger: log.logger,
    env,
    certificate,
    version,
    programs,
    warnings,
    onShutdown: () => void stop(0),
  });
  undo.defer(() => node.stop());
  await node.start();
  const memory = undo.adopt(new MemoryReturn({ clock }), (returning) => returning.stop());
  memory.start();
  log.logger.info("the node is up", { name: node.name, nodeId: identity.nodeId, version, pid: process.pid });
  // From here on it is stopped by whoever stops the node, in the opposite order.
  const owned = undo.move();
  const stop = (graceMs: number): Promise<void> => {
    stopping ??= (async () => {
      if (graceMs > 0) await node.drain(graceMs);
      log.logger.info("the node stops");
      await owned.disposeAsync();
      hasStopped();
    })();
    return stopping;
  };
  const logFatal = (error: unknown): void =>
    log.logger.error("the node ends of an error that nobody handled", {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  return { name: node.name, addresses: node.addresses, warnings: node.warnings, stop, stopped, logFatal };
}
