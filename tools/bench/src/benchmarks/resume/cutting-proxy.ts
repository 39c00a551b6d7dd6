import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export interface CuttingProxyOptions {
  /** Where it connects those that come, on loopback. */
  readonly port: number;
  /** Told when it has cut the connection. */
  readonly onCut: () => void;
}

/** Passes TCP connections on, and cuts them when so much has passed as it was told. */
export class CuttingProxy {
  readonly #options: CuttingProxyOptions;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  /** Bytes that pass, from who dialled, until the next cut. */
  #left = Number.POSITIVE_INFINITY;

  private constructor(options: CuttingProxyOptions) {
    this.#options = options;
    this.#server = createServer((client) => this.#pass(client));
  }

  static async start(options: CuttingProxyOptions): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(options);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts once this many more bytes have come from who dialled. */
  cutAfter(bytes: number): void {
    this.#left = bytes;
  }

  /** Cuts now. */
  cut(): void {
    this.#left = Number.POSITIVE_INFINITY;
    for (const socket of this.#open) socket.destroy();
    this.#options.onCut();
  }

  async stop(): Promise<void> {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
    await once(this.#server, "close");
  }

  #pass(client: Socket): void {
    const server = connect(this.#options.port, "127.0.0.1");
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#open.add(from);
      from.setNoDelay(true);
      from.on("error", () => from.destroy());
      from.on("close", () => {
        this.#open.delete(from);
        to.destroy();
      });
      from.on("drain", () => to.resume());
      from.on("data", (bytes: Buffer) => {
        const cuts = from === client && bytes.length >= this.#left;
        if (from === client) this.#left -= bytes.length;
        if (!to.write(cuts ? bytes.subarray(0, bytes.length - 1) : bytes)) from.pause();
        if (cuts) this.cut();
      });
    }
  }
}
