import type { Fault } from "../faults/fault.ts";
import type { Errand } from "./errand.ts";

/**
 * One mesh, what is done in it, and what happens to it: data, so that a run can be repeated, printed and kept.
 * The same world always runs alike, down to the last byte on the wire.
 */
export interface World {
  /** What it shows, for those that are kept as regressions. */
  readonly name?: string;
  /** All randomness of the run comes of it. */
  readonly seed: number;
  /** Nodes are numbered from 0, the founder. */
  readonly nodes: number;
  /** Who dials whom, as pairs of nodes. */
  readonly links: readonly (readonly [from: number, to: number])[];
  /** Nodes that do not relay. Default: none. */
  readonly leaves?: readonly number[];
  /** Milliseconds that a message takes between two hosts, at least, and how much longer it may take. */
  readonly delayMs: number;
  readonly jitterMs: number;
  /** After so many milliseconds all faults are over, and everybody who has crashed for a while is back. */
  readonly durationMs: number;
  readonly faults: readonly Fault[];
  readonly errands: readonly Errand[];
}
