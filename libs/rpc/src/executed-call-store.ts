/** Names one call in the whole mesh: the node that made it (16 bytes), and its call id (16 bytes). */
export interface CallKey {
  readonly source: Uint8Array;
  readonly callId: Uint8Array;
}

/** What is known of a durable call that was begun before. Times in ms since 1970. */
export type ExecutedCall =
  | { readonly state: "running" | "interrupted" }
  | { readonly state: "finished"; readonly result: Uint8Array };

/** Remembers durable calls beyond a restart of the node (P5). What it notes outlives the process when it returns. */
export interface ExecutedCallStore {
  /** Claims a call before it is executed. Undefined: it is new, and running now. Throws StatusError at its bound. */
  begin(key: CallKey, expiresAt: number): ExecutedCall | undefined;
  /** Keeps the result of a call that was begun, until `expiresAt`. */
  finish(key: CallKey, result: Uint8Array, expiresAt: number): void;
}

/** Results of durable calls are kept for so long: a retry comes within the lifetime of what was asked for. */
export const DURABLE_RESULT_MS = 24 * 60 * 60_000;
