import type { Connection, ConnectionReceiver, ListenAddress, Listener, Transport } from "@clawmatrix/mesh";
import type { Machine } from "./machine.ts";

/** Sees every message that a host sends, as it is on the wire. */
export type WireTap = (from: string, to: string, message: Uint8Array) => void;

export interface HostTransportOptions {
  readonly host: string;
  readonly inner: Transport;
  readonly machine: Machine;
  readonly tap: WireTap;
}

/** The network as one machine has it: what arrives while it stands still waits, and what it does once crashed is nothing. */
export class HostTransport implements Transport {
  readonly #options: HostTransportOptions;
  readonly #listeners = new Set<Listener>();

  constructor(options: HostTransportOptions) {
    this.#options = options;
  }

  dial(address: string): Connection {
    return new HostConnection(this.#options, this.#options.inner.dial(address));
  }

  async listen(at: ListenAddress, accept: (connection: Connection) => void): Promise<Listener> {
    const listener = await this.#options.inner.listen(at, (connection) => {
      const own = new HostConnection(this.#options, connection);
      this.#options.machine.run(() => accept(own));
    });
    this.#listeners.add(listener);
    return listener;
  }

  /** Frees the addresses of a machine that has crashed. */
  release(): void {
    for (const listener of this.#listeners) void listener.close();
    this.#listeners.clear();
  }
}

class HostConnection implements Connection {
  readonly #options: HostTransportOptions;
  readonly #inner: Connection;
  #receiver: ConnectionReceiver | undefined;

  constructor(options: HostTransportOptions, inner: Connection) {
    this.#options = options;
    this.#inner = inner;
    const { machine } = options;
    // Set at once, as a machine that stands still would come too late; what it receives waits for it.
    inner.receive({
      opened: () => machine.run(() => this.#receiver?.opened?.()),
      message: (message) => machine.run(() => this.#receiver?.message(message)),
      drained: () => machine.run(() => this.#receiver?.drained?.()),
      closed: (code, reason) => machine.run(() => this.#receiver?.closed(code, reason)),
    });
  }

  get remoteAddress(): string {
    return this.#inner.remoteAddress;
  }

  get bufferedBytes(): number {
    return this.#inner.bufferedBytes;
  }

  get whenClosed(): Promise<void> {
    return this.#inner.whenClosed;
  }

  receive(receiver: ConnectionReceiver): void {
    this.#receiver = receiver;
  }

  send(message: Uint8Array, released?: () => void): void {
    const { machine, tap, host } = this.#options;
    if (machine.hasCrashed) {
      released?.();
      return;
    }
    tap(host, this.#inner.remoteAddress, message);
    this.#inner.send(message, released);
  }

  close(code: number, reason: string): void {
    if (!this.#options.machine.hasCrashed) this.#inner.close(code, reason);
  }
}
