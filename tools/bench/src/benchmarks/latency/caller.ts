/** One way to ask and be answered: 256 bytes there, the same back. */
export interface Caller {
  call(payload: Uint8Array): Promise<unknown>;
  /** Lets so many streams of bulk run beside it, or none. */
  bulk?(streams: number): Promise<void>;
}

export type Contestant = "mesh" | "websocket" | "nats" | "libp2p";

/** Where to call. */
export interface Place {
  readonly address: string;
  readonly secret?: Uint8Array;
  /** The node that answers. */
  readonly target?: string;
}
