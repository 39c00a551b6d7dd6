import type { RawData, WebSocket } from "ws";
import { CONNECTION_BROKEN, type Connection, type ConnectionReceiver } from "./transport.ts";

/** WebSocket's own code for text where binary messages were agreed on. */
const UNSUPPORTED_DATA = 1003;

/** One WebSocket as a connection. While a dialled one is being made, it has no socket yet. */
export class WebSocketConnection implements Connection {
  readonly remoteAddress: string;
  readonly whenClosed: Promise<void>;
  #resolveClosed: () => void = () => undefined;
  #socket: WebSocket | undefined;
  #receiver: ConnectionReceiver | undefined;
  #ending: { readonly code: number; readonly reason: string } | undefined;
  #closed = false;
  #failure = "the connection broke";

  constructor(remoteAddress: string) {
    this.remoteAddress = remoteAddress;
    this.whenClosed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  receive(receiver: ConnectionReceiver): void {
    this.#receiver = receiver;
  }

  /** The socket that it runs on, from now on. */
  attach(socket: WebSocket): void {
    socket.on("error", (error) => {
      this.#failure = error.message;
    });
    socket.on("close", (code, reason) => this.#end(code, reason.toString("utf8")));
    socket.on("message", (data: RawData, isBinary: boolean) => {
      if (this.#ending !== undefined || this.#closed) return;
      if (isBinary) this.#receiver?.message(data as Buffer);
      else this.close(UNSUPPORTED_DATA, "binary messages only");
    });
    socket.on("open", () => this.#receiver?.opened?.());
    this.#socket = socket;
    if (this.#ending !== undefined) socket.close(this.#ending.code, this.#ending.reason);
  }

  /** There will be no socket. */
  fail(reason: string): void {
    this.#failure = reason;
    this.#end(CONNECTION_BROKEN, "");
  }

  send(message: Uint8Array, released?: () => void): void {
    const socket = this.#socket;
    if (socket === undefined || socket.readyState !== socket.OPEN || this.#ending !== undefined) {
      released?.();
      return;
    }
    socket.send(message, { binary: true }, () => {
      released?.();
      if (!this.#closed) this.#receiver?.drained?.();
    });
  }

  close(code: number, reason: string): void {
    if (this.#ending !== undefined || this.#closed) return;
    this.#ending = { code, reason: cutOff(reason) };
    this.#socket?.close(code, this.#ending.reason);
  }

  #end(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    const ending = this.#ending;
    if (ending !== undefined) this.#receiver?.closed(ending.code, ending.reason);
    else this.#receiver?.closed(code, code === CONNECTION_BROKEN ? this.#failure : reason || wordless(code));
    this.#resolveClosed();
  }
}

/** Others than nodes close without a reason: `ws` itself, where the bytes were no WebSocket frame, or a proxy. */
function wordless(code: number): string {
  return `the other side closed the connection with code ${code}, and did not say why`;
}

/** What WebSocket allows for the reason of a close. */
const MAX_REASON_BYTES = 123;

function cutOff(reason: string): string {
  const bytes = Buffer.from(reason, "utf8");
  // A character that was cut in two is dropped.
  return bytes.length <= MAX_REASON_BYTES
    ? reason
    : bytes.toString("utf8", 0, MAX_REASON_BYTES).replace(/\uFFFD.*$/u, "");
}
