/** The last record that gossip brought of a node. */
export interface KnownRecord {
  /** 16 bytes. */
  readonly nodeId: Uint8Array;
  readonly version: bigint;
  /** The whole signed record; at most 1 MiB. */
  readonly bytes: Uint8Array;
  /** When the node was last reachable, ms since 1970. */
  readonly lastSeenAt: number;
}

/** Records of all nodes ever seen and not forgotten, so that those that are away can still be shown. */
export interface KnownRecords {
  /** Keeps the record unless a later version is there already; says whether it was kept. */
  put(record: KnownRecord): boolean;
  /** Notes that the node was reachable at `time`, without a new record. */
  touch(nodeId: Uint8Array, time: number): void;
  get(nodeId: Uint8Array): KnownRecord | undefined;
  list(): KnownRecord[];
  delete(nodeId: Uint8Array): boolean;
  /** Forgets those last seen before `time`; returns how many. */
  deleteLastSeenBefore(time: number): number;
}
