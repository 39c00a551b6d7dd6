import type { MemoryTransportNetwork } from "./memory-transport.ts";
import { CONNECTION_BROKEN, type Connection, type ConnectionReceiver } from "./transport.ts";

/** One end of a connection inside the process. */
export class MemoryConnection implements Connection {
  readonly localHost: string;
  readonly remoteHost: string;
  readonly whenClosed: Promise<void>;
  readonly #network: MemoryTransportNetwork;
  #receiver: ConnectionReceiver | undefined;
  #far: MemoryConnection | undefined;
  #state: "opening" | "open" | "closing" | "closed" = "opening";
  #silent = false;
  #buffered = 0;
  /** When the last message under way arrives: later ones do not overtake it. */
  #lastArrival = 0;
  #resolveClosed: () => void = () => undefined;

  constructor(network: MemoryTransportNetwork, localHost: string, remoteHost: string) {
    this.#network = network;
    this.localHost = localHost;
    this.remoteHost = remoteHost;
    this.whenClosed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  get remoteAddress(): string {
    return this.remoteHost;
  }

  get bufferedBytes(): number {
    return this.#buffered;
  }

  get isClosed(): boolean {
    return this.#state === "closed" || this.#state === "closing";
  }

  receive(receiver: ConnectionReceiver): void {
    this.#receiver = receiver;
  }

  /** The connection is made: `far` is its other end. */
  join(far: MemoryConnection): void {
    this.#far = far;
    far.#far = this;
    far.#state = "open";
    this.#later(() => {
      if (this.#state !== "opening") return;
      this.#state = "open";
      this.#receiver?.opened?.();
    });
  }

  send(message: Uint8Array, released?: () => void): void {
    const { random, conditions } = this.#network.options;
    if (this.#state === "open" && !this.#silent) {
      const copy = new Uint8Array(message);
      const arriving =
        conditions?.corrupt === undefined
          ? copy
          : conditions.corrupt(this.localHost, this.remoteHost, copy, random);
      this.#buffered += copy.length;
      this.#later(() => {
        this.#buffered -= copy.length;
        if (arriving !== undefined) this.#far?.deliver(arriving);
        if (this.#state === "open") this.#receiver?.drained?.();
      });
    }
    released?.();
  }

  deliver(message: Uint8Array): void {
    if (this.#state === "open" && !this.#silent) this.#receiver?.message(message);
  }

  close(code: number, reason: string): void {
    if (this.isClosed) return;
    this.#state = "closing";
    const far = this.#far;
    if (!this.#silent) this.#later(() => far?.end(code, reason));
    this.#network.options.clock.schedule(0, () => this.end(code, reason));
  }

  /** Over, as the other side, or the network, says. */
  end(code: number, reason: string): void {
    if (this.#state === "closed" || (this.#silent && this.#state !== "closing")) return;
    this.#state = "closed";
    this.#network.forget(this);
    this.#receiver?.closed(code, reason);
    this.#resolveClosed();
  }

  /** Breaks this end; the other is broken by who calls. */
  break(): void {
    this.#silent = false;
    this.end(CONNECTION_BROKEN, "the connection broke");
  }

  silence(): void {
    this.#silent = true;
  }

  /** Runs `arrive` when something sent now reaches the other side. */
  #later(arrive: () => void): void {
    const { clock } = this.#network.options;
    const now = clock.monotonic();
    const delay = this.#network.delayMs(this.localHost, this.remoteHost);
    this.#lastArrival = Math.max(now + delay, this.#lastArrival);
    clock.schedule(this.#lastArrival - now, arrive);
  }
}
