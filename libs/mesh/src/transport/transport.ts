/** Where a node listens. */
export interface ListenAddress {
  /** A host name or IP address of this machine; "0.0.0.0" or "::" for all. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/**
 * Carries messages between two nodes: whole, in order, once, or the connection closes. It knows nothing of what
 * they mean. Sockets and the simulator are two of these; a cluster that every node reaches could be a third.
 *
 * All of it calls back rather than giving promises, so that a mesh runs on virtual time step by step.
 */
export interface Transport {
  /** Begins to connect. The connection tells by `opened` or `closed` how that went; giving up is `close`. */
  dial(address: string): Connection;
  /**
   * Accepts connections, already open, until the listener is closed. Rejects with StatusError FAILED_PRECONDITION
   * where the address cannot be had.
   */
  listen(at: ListenAddress, accept: (connection: Connection) => void): Promise<Listener>;
}

export interface Listener {
  /** Where it listens, with the port that was chosen. */
  readonly address: ListenAddress;
  /** Accepts no more. Connections that were accepted live on. Resolves when the port is free. */
  close(): Promise<void>;
}

/** One connection. Its `Receiver` must be set in the turn in which the connection was made. */
export interface Connection {
  /** Where the other side is: host and port without meaning beyond logs, and `host` for limits per address. */
  readonly remoteAddress: string;
  /** Bytes given to `send` that have not left yet. Who sends on regardless fills memory. */
  readonly bufferedBytes: number;
  /** Resolves when nothing of it is left, right after `closed`. */
  readonly whenClosed: Promise<void>;
  receive(receiver: ConnectionReceiver): void;
  /**
   * Sends one binary message. The bytes belong to the connection until `released` is called (at once, or when
   * they have left, or when the connection has closed); the sender may use the memory again then. Does nothing
   * but release them once the connection is closing.
   */
  send(message: Uint8Array, released?: () => void): void;
  /**
   * Closes with a code that the other side is told (4000-4999), and a reason of 123 bytes at most; more is cut off.
   * The first call counts. `closed` follows.
   */
  close(code: number, reason: string): void;
}

export interface ConnectionReceiver {
  /** It can be used now. Only for connections that were dialled: accepted ones are open. */
  opened?(): void;
  /** One whole message. Its memory is the receiver's, and is never written to again. */
  message(message: Uint8Array): void;
  /** Some of what was buffered has left. */
  drained?(): void;
  /**
   * It is over; nothing follows. `code` is the other side's word, or this side's own, or 1006 where the connection
   * broke, could not be made, or the other side broke the rules.
   */
  closed(code: number, reason: string): void;
}

/** WebSocket's code for a connection that ended without a word. */
export const CONNECTION_BROKEN = 1006;
