/** A way through a relay: two clients, connected, in one process. */
export interface Passage {
  /** Sends so many frames of so many bytes; resolves when the other client has the last of them. */
  carry(frames: number, bytes: number): Promise<void>;
}

/** Where the relay is, and what the clients have to know to use it. */
export interface RelayPlace {
  readonly port: number;
  /** The mesh's secret. */
  readonly secret?: Uint8Array;
  /** The certificate of a NATS server with TLS. */
  readonly certificateFile?: string | undefined;
}

export type Contestant = "frames" | "stream" | "nats" | "websocket" | "json";
