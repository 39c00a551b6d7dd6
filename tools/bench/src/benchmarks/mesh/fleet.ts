/** So many real processes that know each other: of one kind or of the other. */
export interface Fleet {
  /** Changes what one says of itself. Milliseconds until all others know. */
  change(member: number, round: number): Promise<number>;
  /**
   * Ends one's process with SIGKILL. Milliseconds until all others have noticed. Starts it again, and resolves when
   * all others have noticed that too.
   */
  kill(member: number): Promise<number>;
  end(): Promise<void>;
}

/** How long anything may take to be known everywhere before the benchmark gives up, in ms. */
export const MOST_KNOWN_MS = 90_000;
