import type { Clock, Random } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { MemoryConnection } from "./memory-connection.ts";
import type { Connection, ListenAddress, Listener, Transport } from "./transport.ts";
import { CONNECTION_BROKEN } from "./transport.ts";

export interface MemoryTransportNetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** What may happen to each message. Default: it arrives after one millisecond. */
  readonly conditions?: NetworkConditions;
}

/** What the network between two hosts does, asked for each message and each attempt to connect. */
export interface NetworkConditions {
  /** Milliseconds that it takes; messages of one connection do not overtake each other whatever this says. */
  delayMs?(from: string, to: string, random: Random): number;
  /** What arrives in place of the message; undefined: nothing ever does, and the connection seems to stand. */
  corrupt?(from: string, to: string, message: Uint8Array, random: Random): Uint8Array | undefined;
}

const DEFAULT_DELAY_MS = 1;
/** The first port given out where 0 was asked for. */
const FIRST_FREE_PORT = 49_152;

/**
 * A network inside the process, on the clock and the randomness it is given: for tests and for the simulator.
 * Hosts are names; `transport(host)` is what one of them sees. Connections can be cut, silenced, and refused.
 */
export class MemoryTransportNetwork {
  readonly options: MemoryTransportNetworkOptions;
  readonly #listeners = new Map<string, (connection: Connection) => void>();
  readonly #connections = new Set<MemoryConnection>();
  /** Pairs of hosts between which nothing new connects, as "from>to". */
  readonly #refused = new Set<string>();
  #nextPort = FIRST_FREE_PORT;

  constructor(options: MemoryTransportNetworkOptions) {
    this.options = options;
  }

  /** What the host sees of the network. Its address is `memory://host:port`. */
  transport(host: string): Transport {
    return {
      dial: (address) => this.#dial(host, address),
      listen: (at, accept) => this.#listen(host, at, accept),
    };
  }

  /** Breaks every connection between two hosts now, as a pulled cable that both notice. */
  cut(one: string, other: string): void {
    for (const connection of this.#between(one, other)) connection.break();
  }

  /** From now on nothing arrives on the connections of the two hosts, and neither is told: half-open. */
  silence(one: string, other: string): void {
    for (const connection of this.#between(one, other)) connection.silence();
  }

  /** Breaks what connects the two hosts, and refuses new connections until `heal`. */
  separate(one: string, other: string): void {
    this.#refused.add(`${one}>${other}`).add(`${other}>${one}`);
    this.cut(one, other);
  }

  heal(one: string, other: string): void {
    this.#refused.delete(`${one}>${other}`);
    this.#refused.delete(`${other}>${one}`);
  }

  /** Connections that stand, each counted once. */
  get connections(): number {
    return this.#connections.size / 2;
  }

  delayMs(from: string, to: string): number {
    return this.options.conditions?.delayMs?.(from, to, this.options.random) ?? DEFAULT_DELAY_MS;
  }

  forget(connection: MemoryConnection): void {
    this.#connections.delete(connection);
  }

  #between(one: string, other: string): MemoryConnection[] {
    return [...this.#connections].filter(
      ({ localHost, remoteHost }) =>
        (localHost === one && remoteHost === other) || (localHost === other && remoteHost === one),
    );
  }

  #dial(host: string, address: string): Connection {
    const target = /^memory:\/\/([^/:]+):(\d+)$/.exec(address);
    const remoteHost = target?.[1] ?? address;
    const near = new MemoryConnection(this, host, remoteHost);
    this.#connections.add(near);
    this.options.clock.schedule(this.delayMs(host, remoteHost), () => {
      const accept = this.#listeners.get(`${remoteHost}:${target?.[2]}`);
      if (accept === undefined || this.#refused.has(`${host}>${remoteHost}`)) {
        near.end(CONNECTION_BROKEN, "nobody listens there");
        return;
      }
      if (near.isClosed) return;
      const far = new MemoryConnection(this, remoteHost, host);
      this.#connections.add(far);
      near.join(far);
      accept(far);
    });
    return near;
  }

  async #listen(
    host: string,
    at: ListenAddress,
    accept: (connection: Connection) => void,
  ): Promise<Listener> {
    const port = at.port === 0 ? this.#nextPort++ : at.port;
    const key = `${host}:${port}`;
    if (this.#listeners.has(key)) {
      throw new StatusError(StatusCode.FAILED_PRECONDITION, `${key} is in use by another listener`, {
        reason: "address-in-use",
      });
    }
    this.#listeners.set(key, accept);
    return {
      address: { host, port },
      close: async () => {
        this.#listeners.delete(key);
      },
    };
  }
}
