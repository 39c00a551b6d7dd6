import type { Random } from "@clawmatrix/environment";

/** Something that reads what a peer has written. */
export interface FuzzTarget {
  /** Real inputs, from which others are made by changing them. */
  readonly seeds: readonly Uint8Array[];
  /**
   * Lets it read one input. A StatusError is a proper answer, and so is none; anything else that it throws is a
   * finding, and so is what it says itself by throwing an Error.
   */
  run(input: Uint8Array): void | Promise<void>;
  /** Gives back what it held. */
  close?(): Promise<void>;
}

/** Makes a target, the same one for the same randomness. */
export type MakeTarget = (random: Random) => FuzzTarget | Promise<FuzzTarget>;
