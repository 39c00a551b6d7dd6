import { once } from "node:events";
import { chmod, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { ensureSocketDirectory, type NodePaths } from "@clawmatrix/config";
import type { Clock, Logger } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { type CallRouter, StreamConduit } from "@clawmatrix/rpc";

/** Clients of a node at once: screens, commands and editors of one person. */
const MAX_CLIENTS = 256;

export interface LocalSocketOptions {
  readonly paths: Pick<NodePaths, "socket" | "socketDirectory">;
  readonly router: CallRouter;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The node's socket for clients on this machine, which only its owner can open: there is no other way to be trusted as
 * local, and none over the network.
 */
export class LocalSocket {
  readonly #options: LocalSocketOptions;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(options: LocalSocketOptions) {
    this.#options = options;
  }

  /** Listens. Who calls this holds the home's lock: a socket that is there was left behind by a node that was killed. */
  async start(): Promise<void> {
    const { paths, logger } = this.#options;
    await ensureSocketDirectory(paths);
    if (process.platform !== "win32") await rm(paths.socket, { force: true });
    const server = createServer((socket) => this.#accept(socket));
    server.maxConnections = MAX_CLIENTS;
    server.on("drop", () =>
      logger.warn("a client was turned away: too many at once", { limit: MAX_CLIENTS }),
    );
    // The socket is never open to others, not even for the moment until its mode is set.
    const mask = process.umask(0o177);
    try {
      server.listen(paths.socket);
    } finally {
      process.umask(mask);
    }
    await listening(server, paths.socket);
    if (process.platform !== "win32") await chmod(paths.socket, 0o600);
    this.#server = server;
  }

  /** Hangs up on everybody, and takes the socket away. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, "close");
    server.close();
    for (const socket of this.#sockets) socket.destroySoon();
    await closed;
  }

  #accept(socket: Socket): void {
    const { router, clock, logger } = this.#options;
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", (error) => logger.debug("a client's connection broke", { error: error.message }));
    router.attachClient(new StreamConduit(socket, { role: "server", clock, logger }));
  }
}

async function listening(server: Server, socket: string): Promise<void> {
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new StatusError(
      StatusCode.FAILED_PRECONDITION,
      `cannot listen on the socket ${socket}: ${(cause as Error).message}`,
      {
        cause,
        reason: "local-socket",
        hint: "Is the directory yours and writable, on a file system that has sockets?",
      },
    );
  }
}
