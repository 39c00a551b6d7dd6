import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** "up": from who dialled to who listens. */
export type Direction = "up" | "down";

/** What becomes of the bytes of one connection. It may keep what it has seen of it; by default they pass. */
export interface Line {
  /** The bytes that go on in place of these; "cut" ends the connection, as a reset does, after what is in `last`. */
  pass(bytes: Buffer, direction: Direction): Buffer | { readonly cut: true; readonly last: Buffer };
  /** Milliseconds that these bytes take. What comes later never overtakes them. Default: 0. */
  delayMs?(direction: Direction): number;
}

/** One connection through the proxy. */
export interface Passage {
  /** Destroys both of its sockets. */
  cut(): void;
  /** Resolves when neither socket is open any more. */
  readonly closed: Promise<void>;
}

export interface TcpProxyOptions {
  readonly targetPort: number;
  /** Called for each connection. */
  readonly line: () => Line;
  /** Bytes have arrived, from either side. */
  readonly onBytes?: () => void;
  readonly onPassage?: (passage: Passage) => void;
}

/** A network in between, on loopback: everything that is wrong with it is what its lines do. */
export class TcpProxy {
  readonly #options: TcpProxyOptions;
  readonly #server: Server;
  readonly #passages = new Set<Passage>();
  /** Connections stay open, and nothing comes through them: as behind a firewall that has forgotten them. */
  isSilent = false;

  private constructor(options: TcpProxyOptions) {
    this.#options = options;
    this.#server = createServer((near) => this.#accept(near));
  }

  static async start(options: TcpProxyOptions): Promise<TcpProxy> {
    const proxy = new TcpProxy(options);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Destroys all connections that there are. */
  cutAll(): void {
    for (const passage of [...this.#passages]) passage.cut();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.cutAll();
    await closed;
  }

  #accept(near: Socket): void {
    const far = connect(this.#options.targetPort, "127.0.0.1");
    const line = this.#options.line();
    const ends = [near, far].map((socket) =>
      once(
        socket.on("error", () => undefined),
        "close",
      ),
    );
    const passage: Passage = {
      cut: () => {
        near.destroy();
        far.destroy();
      },
      closed: Promise.all(ends).then(() => undefined),
    };
    this.#passages.add(passage);
    void passage.closed.then(() => this.#passages.delete(passage));
    this.#pump(near, far, "up", line);
    this.#pump(far, near, "down", line);
    this.#options.onPassage?.(passage);
  }

  #pump(from: Socket, to: Socket, direction: Direction, line: Line): void {
    let before: Promise<void> | undefined;
    const act = (action: () => unknown): void => {
      const delayMs = line.delayMs?.(direction) ?? 0;
      if (delayMs === 0 && before === undefined) return void action();
      const waited = Promise.all([before, new Promise((resolve) => setTimeout(resolve, delayMs))]);
      before = waited.then(() => void action());
    };
    from.on("data", (bytes: Buffer) => {
      this.#options.onBytes?.();
      if (this.isSilent) return;
      const passed = line.pass(bytes, direction);
      if (Buffer.isBuffer(passed)) return act(() => to.writable && void to.write(passed));
      from.removeAllListeners("data").destroy();
      // Not destroyed: a reset would take away what has arrived there and was not read yet.
      act(() => to.writable && void to.end(passed.last));
    });
    from.on("end", () => !this.isSilent && act(() => void to.end()));
    from.on("close", () => !this.isSilent && act(() => void to.end()));
  }
}
