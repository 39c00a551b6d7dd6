import { createServer as createPlainServer, type Server } from "node:http";
import { createServer as createTlsServer, Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { WebSocketServer } from "ws";
import type { Connection, ListenAddress, Listener } from "./transport.ts";
import { WebSocketConnection } from "./websocket-connection.ts";
import { SOCKET_OPTIONS } from "./websocket-options.ts";

/** A certificate of one's own, in PEM, to serve wss:// without a proxy in front. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

export interface WebSocketListener extends Listener {
  /** Shows another certificate to those who connect from now on. Does nothing where ws:// is served. */
  replaceCertificate(certificate: Certificate): void;
}

/** Sockets open at once, upgraded or not: twice the largest mesh. More are closed at once. */
const MAX_SOCKETS = 2_048;
/** Sockets that have not become WebSockets yet. One more, and the oldest of them is closed. */
const MAX_WAITING = 256;
/** Time for TLS, and as much again to send the HTTP request, in ms. */
const REQUEST_TIMEOUT_MS = 10_000;
/** How often sockets are checked against that, in ms. */
const TIMEOUT_CHECK_MS = 1_000;
/** A WebSocket request is far smaller, also behind a proxy that adds headers. */
const MAX_HEADER_BYTES = 16 * 1024;

const NOT_A_WEB_PAGE =
  "This is a ClawMatrix node: it speaks WebSocket with other nodes.\nAdd its address to another node with `clawmatrix join` or under [mesh] peers.\n";

/** Listens for WebSockets. Rejects with StatusError FAILED_PRECONDITION where the address cannot be had. */
export async function listenForWebSockets(
  at: ListenAddress,
  certificate: Certificate | undefined,
  accept: (connection: Connection) => void,
): Promise<WebSocketListener> {
  const options = {
    headersTimeout: REQUEST_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  };
  const server: Server =
    certificate === undefined
      ? createPlainServer(options)
      : createTlsServer({
          ...options,
          handshakeTimeout: REQUEST_TIMEOUT_MS,
          cert: certificate.certificate,
          key: certificate.key,
        });
  server.maxConnections = MAX_SOCKETS;
  server.on("request", (_request, response) => {
    response.writeHead(426, { "content-type": "text/plain; charset=utf-8", upgrade: "websocket" });
    response.end(NOT_A_WEB_PAGE);
  });
  // By the other side's address: with TLS, a request knows another socket than the connection that it came over.
  const waiting = new Map<string, Socket>();
  server.on("connection", (socket: Socket) => {
    const from = otherSide(socket);
    waiting.set(from, socket);
    socket.once("close", () => {
      if (waiting.get(from) === socket) waiting.delete(from);
    });
    if (waiting.size > MAX_WAITING) waiting.values().next().value?.destroy();
  });
  const sockets = new WebSocketServer({ noServer: true, clientTracking: false, ...SOCKET_OPTIONS });
  server.on("upgrade", (request, socket, head) => {
    waiting.delete(otherSide(request.socket));
    socket.on("error", () => socket.destroy());
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new WebSocketConnection(plainAddress(request.socket.remoteAddress));
      connection.attach(webSocket);
      accept(connection);
    });
  });
  await bound(server, at);
  const { address, port } = server.address() as AddressInfo;
  return {
    address: { host: address, port },
    replaceCertificate: ({ certificate: cert, key }) => {
      if (server instanceof TlsServer) server.setSecureContext({ cert, key });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of waiting.values()) socket.destroy();
      }),
  };
}

function bound(server: Server, at: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(at, error)));
    server.listen({ host: at.host, port: at.port }, () => {
      server.removeAllListeners("error");
      // Running out of file handles while accepting, say: the socket is lost, the listener goes on.
      server.on("error", () => undefined);
      resolve();
    });
  });
}

function cannotListen(at: ListenAddress, cause: NodeJS.ErrnoException): StatusError {
  const where = `${at.host}:${at.port}`;
  const options = { cause, reason: "cannot-listen" };
  if (cause.code === "EADDRINUSE") {
    return new StatusError(
      StatusCode.FAILED_PRECONDITION,
      `cannot listen on ${where}: another program, or another node, uses this port`,
      {
        ...options,
        reason: "address-in-use",
        hint: "Stop it, or choose another port under [mesh] listen in the configuration.",
      },
    );
  }
  if (cause.code === "EACCES") {
    return new StatusError(
      StatusCode.FAILED_PRECONDITION,
      `cannot listen on ${where}: the system does not allow it`,
      { ...options, hint: "Choose a port above 1023 under [mesh] listen in the configuration." },
    );
  }
  return new StatusError(StatusCode.FAILED_PRECONDITION, `cannot listen on ${where}: ${cause.message}`, {
    ...options,
    hint: "Check the host and port under [mesh] listen in the configuration.",
  });
}

function otherSide({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** IPv4 clients of an IPv6 socket as IPv4. */
function plainAddress(address: string | undefined): string {
  return (address ?? "unknown").replace(/^::ffff:(?=\d)/, "");
}
