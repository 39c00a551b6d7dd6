/** So many frames of so many bytes. */
export interface Load {
  readonly frames: number;
  readonly bytes: number;
}

/** The end of a way through a relay that sends. */
export interface Source {
  /** Its name on the way, for the destination, where it has one. */
  readonly id?: string;
  /** `to`: the destination's name, where it has one. Resolves when everything was handed over. */
  send(load: Load, to: string | undefined): Promise<void>;
}

/** The end that receives. */
export interface Destination {
  readonly id?: string;
  /** Resolves when the load may come. */
  expect(load: Load): Promise<void>;
  /** Resolves when it has come, whole. */
  arrived(): Promise<void>;
}

/** Where the relay is, and what its clients have to know to use it. */
export interface RelayPlace {
  readonly port: number;
  /** The mesh's secret. */
  readonly secret?: Uint8Array;
  /** The certificate of a NATS server with TLS. */
  readonly certificateFile?: string | undefined;
  /** The source's name, for a destination. */
  readonly source?: string | undefined;
}

/** How one contestant sends and receives. */
export interface Passage {
  source(place: RelayPlace): Promise<Source>;
  destination(place: RelayPlace): Promise<Destination>;
}

export type Contestant = "frames" | "stream" | "nats" | "websocket" | "json";
