/** What cutting a connection again and again did to a transcript. */
export interface Outcome {
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  readonly sent: number;
  readonly gapsMs: readonly number[];
  /** Milliseconds from a cut until the connection stood again, with nothing on it. */
  readonly reconnectsMs: readonly number[];
  /** Bytes sent again, and bytes that were on their way at the cuts; undefined where nobody knows. */
  readonly resent?: { readonly bytes: number; readonly inFlightBytes: number };
}

export interface ResumeOptions {
  readonly cuts: number;
  /** Bytes of a transcript; it is streamed again and again until all cuts were made. */
  readonly transcriptBytes: number;
  readonly pieceBytes: number;
  /** A cut comes after 0 to so many bytes, counted from the first piece after the cut before. */
  readonly mostBytesBetweenCuts: number;
  /** Attempts to connect again come within 0 to so many milliseconds. */
  readonly longestWaitMs: number;
}
