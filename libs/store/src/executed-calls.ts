/** Names one call in the whole mesh: the node that made it, and its id there. Each 1 to 64 bytes. */
export interface CallKey {
  readonly source: Uint8Array;
  readonly callId: Uint8Array;
}

/** What is known of a durable call. */
export type ExecutedCall =
  | { readonly state: "running"; readonly startedAt: number; readonly expiresAt: number }
  | {
      readonly state: "finished";
      readonly startedAt: number;
      readonly expiresAt: number;
      readonly result: Uint8Array;
    };

/**
 * The calls marked durable that were executed here, so that a request that comes again, also after a restart, is
 * answered from here and not executed twice (P5). `begin` and `finish` are on the disk when they return.
 */
export interface ExecutedCalls {
  /**
   * Claims a call before it is executed. Returns undefined if it is new (and now `running`), else what is known of
   * it: a `running` one of an earlier boot was cut off by that boot's end.
   */
  begin(key: CallKey, expiresAt: number): ExecutedCall | undefined;
  /** Keeps the result of a call that was begun, until `expiresAt` (ms since 1970). */
  finish(key: CallKey, result: Uint8Array, expiresAt: number): void;
  lookup(key: CallKey): ExecutedCall | undefined;
  /** Forgets calls whose time is over at `now`; returns how many. */
  purgeExpired(now: number): number;
  count(): number;
}
