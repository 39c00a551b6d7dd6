import type { Agent } from "node:http";
import { StatusError } from "@clawmatrix/protocol";
import { type ProxyEnvironment, proxyAddress } from "./proxy-address.ts";
import type { Connection, ListenAddress, Listener, Transport } from "./transport.ts";
import { WebSocketConnection } from "./websocket-connection.ts";
import type { Certificate, WebSocketListener } from "./websocket-listener.ts";
import { SOCKET_OPTIONS } from "./websocket-options.ts";

export interface WebSocketTransportOptions {
  /** Serves wss:// with this certificate. Default: ws://, where a proxy in front may add TLS. */
  readonly certificate?: Certificate | undefined;
  /** Says through which proxies others are dialled (`proxyAddress`). Default: none. */
  readonly env?: ProxyEnvironment;
}

/** Milliseconds for TCP, the proxy, TLS and the HTTP request of a connection that is dialled. */
const DIAL_TIMEOUT_MS = 10_000;

/**
 * Links over WebSocket. `ws` is loaded when the first connection or listener needs it, so that a program which
 * needs neither starts without it.
 */
export class WebSocketTransport implements Transport {
  readonly #env: ProxyEnvironment;
  readonly #listeners = new Set<WebSocketListener>();
  #certificate: Certificate | undefined;

  constructor({ certificate, env = {} }: WebSocketTransportOptions = {}) {
    this.#certificate = certificate;
    this.#env = env;
  }

  /** Loads what dialling and listening need, for a process whose program may be replaced while it runs. */
  async loadAhead(): Promise<void> {
    await Promise.all([import("./websocket-listener.ts"), import("ws"), import("https-proxy-agent")]);
  }

  dial(address: string): Connection {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    const connection = new WebSocketConnection(url?.host ?? address);
    if (url === undefined || (url.protocol !== "ws:" && url.protocol !== "wss:")) {
      setImmediate(() => connection.fail("the address is not a ws:// or wss:// one"));
      return connection;
    }
    this.#connect(url, connection).catch((thrown: unknown) =>
      connection.fail(StatusError.from(thrown).message),
    );
    return connection;
  }

  async listen(at: ListenAddress, accept: (connection: Connection) => void): Promise<Listener> {
    const { listenForWebSockets } = await import("./websocket-listener.ts");
    const listener = await listenForWebSockets(at, this.#certificate, accept);
    this.#listeners.add(listener);
    return {
      address: listener.address,
      close: () => {
        this.#listeners.delete(listener);
        return listener.close();
      },
    };
  }

  /** From now on new connections are shown this certificate. Does nothing where ws:// is served. */
  replaceCertificate(certificate: Certificate): void {
    this.#certificate = certificate;
    for (const listener of this.#listeners) listener.replaceCertificate(certificate);
  }

  async #connect(url: URL, connection: WebSocketConnection): Promise<void> {
    const proxy = proxyAddress(url, this.#env);
    const [{ WebSocket }, agent] = await Promise.all([import("ws"), proxy && throughProxy(proxy)]);
    const socket = new WebSocket(url, {
      ...SOCKET_OPTIONS,
      handshakeTimeout: DIAL_TIMEOUT_MS,
      followRedirects: false,
      // The bytes are ciphertext, which no proxy can mistake for HTTP: masking would only cost time.
      generateMask: (mask) => mask.fill(0),
      ...(agent === undefined ? {} : { agent }),
    });
    connection.attach(socket);
  }
}

/** Asks the proxy with CONNECT also for ws://: what only forwards HTTP requests seldom passes WebSockets on. */
async function throughProxy(proxy: URL): Promise<Agent> {
  const { HttpsProxyAgent } = await import("https-proxy-agent");
  return new HttpsProxyAgent(proxy, { keepAlive: false });
}
