import type { Clock } from "@clawmatrix/environment";
import { type MeshStatus, StatusCode, StatusError } from "@clawmatrix/protocol";
import { BackOff } from "./back-off.ts";
import type { NodeLink } from "./node-link.ts";
import { pause } from "./pause.ts";

export interface MeshLinkOptions {
  readonly connect: () => Promise<NodeLink>;
  readonly clock: Clock;
  readonly onStatus: (status: MeshStatus) => void;
  /** The node is not there, or went away; the next try follows in `retryMs`. */
  readonly onLost: (error: StatusError, retryMs: number) => void;
  /** A try begins. */
  readonly onConnecting: () => void;
}

/** Keeps the screen connected to the local node, and follows what the node knows of the mesh. */
export class MeshLink {
  readonly #options: MeshLinkOptions;
  readonly #stop = new AbortController();
  #link: NodeLink | undefined;
  #waiting: PromiseWithResolvers<NodeLink> = Promise.withResolvers<NodeLink>();
  #running: Promise<void> = Promise.resolve();

  constructor(options: MeshLinkOptions) {
    this.#options = options;
    // Nobody may be waiting when it stops.
    this.#waiting.promise.catch(() => undefined);
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#waiting.reject(new StatusError(StatusCode.CANCELLED, "the terminal UI was closed"));
    await this.#link?.close();
    await this.#running;
  }

  /** The connection, as soon as there is one. Rejects with CANCELLED once stopped. */
  connected(): Promise<NodeLink> {
    return this.#link === undefined ? this.#waiting.promise : Promise.resolve(this.#link);
  }

  async #run(): Promise<void> {
    const { connect, clock, onLost, onConnecting } = this.#options;
    const { signal } = this.#stop;
    const backOff = new BackOff();
    while (!signal.aborted) {
      onConnecting();
      let lost: StatusError;
      try {
        lost = await this.#follow(await connect(), backOff);
      } catch (error) {
        lost = StatusError.from(error);
      }
      if (signal.aborted) return;
      const retryMs = backOff.next();
      onLost(lost, retryMs);
      await pause(clock, retryMs, signal);
    }
  }

  /** Follows the mesh until the connection is gone, and says why. */
  async #follow(link: NodeLink, backOff: BackOff): Promise<StatusError> {
    const ended = new AbortController();
    void link.closed.finally(() => ended.abort());
    try {
      if (this.#stop.signal.aborted)
        return new StatusError(StatusCode.CANCELLED, "the terminal UI was closed");
      this.#link = link;
      this.#waiting.resolve(link);
      for await (const { status } of link.diagnostics().watchStatus({}, { signal: ended.signal })) {
        backOff.reset();
        if (status !== undefined) this.#options.onStatus(status);
      }
      return goneError();
    } catch (error) {
      const status = StatusError.from(error);
      return ended.signal.aborted || status.code === StatusCode.CANCELLED ? goneError() : status;
    } finally {
      this.#link = undefined;
      this.#waiting = Promise.withResolvers<NodeLink>();
      this.#waiting.promise.catch(() => undefined);
      await link.close();
    }
  }
}

function goneError(): StatusError {
  return new StatusError(StatusCode.UNAVAILABLE, "the local node went away", {
    hint: "Start it again with `clawmatrix up`; this screen connects by itself.",
  });
}
