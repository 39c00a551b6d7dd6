import type { Connection, ListenAddress, Listener, Transport } from "./transport.ts";
import { WebSocketConnection } from "./websocket-connection.ts";
import type { Certificate } from "./websocket-listener.ts";
import { SOCKET_OPTIONS } from "./websocket-options.ts";

export interface WebSocketTransportOptions {
  /** Serves wss:// with this certificate. Default: ws://, where a proxy in front may add TLS. */
  readonly certificate?: Certificate;
}

/** Milliseconds for TCP, TLS and the HTTP request of a connection that is dialled. */
const DIAL_TIMEOUT_MS = 10_000;

/**
 * Links over WebSocket. `ws` is loaded when the first connection or listener needs it, so that a program which
 * needs neither starts without it.
 */
export class WebSocketTransport implements Transport {
  readonly #options: WebSocketTransportOptions;

  constructor(options: WebSocketTransportOptions = {}) {
    this.#options = options;
  }

  dial(address: string): Connection {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    const connection = new WebSocketConnection(url?.host ?? address);
    if (url === undefined || (url.protocol !== "ws:" && url.protocol !== "wss:")) {
      setImmediate(() => connection.fail("the address is not a ws:// or wss:// one"));
      return connection;
    }
    import("ws").then(
      ({ WebSocket }) => {
        const socket = new WebSocket(url, {
          ...SOCKET_OPTIONS,
          handshakeTimeout: DIAL_TIMEOUT_MS,
          followRedirects: false,
          // The bytes are ciphertext, which no proxy can mistake for HTTP: masking would only cost time.
          generateMask: (mask) => mask.fill(0),
        });
        connection.attach(socket);
      },
      (error: Error) => connection.fail(error.message),
    );
    return connection;
  }

  async listen(at: ListenAddress, accept: (connection: Connection) => void): Promise<Listener> {
    const { listenForWebSockets } = await import("./websocket-listener.ts");
    return listenForWebSockets(at, this.#options.certificate, accept);
  }
}
