/** One of the figures that the project promises. Each file in `benchmarks/` exports one as `benchmark`. */
export interface Benchmark {
  /** What it is called on the command line: the name of its file. */
  readonly name: string;
  /** What is done, in a few words. */
  readonly work: string;
  run(report: Report): Promise<readonly Row[]>;
}

/** Says on standard error what a benchmark is doing. */
export type Report = (progress: string) => void;

/** A line of the table: one figure beside the one it is measured against. */
export interface Row {
  /** "encode and decode", "128 B", … */
  readonly work: string;
  /** What it is compared with: "protobuf-es 2.17.0". */
  readonly against: string;
  /** Of the two figures; above 1 or below 1 is better as the goal says. Undefined: it could not be measured. */
  readonly ratio: number | undefined;
  /** The middle half of the pairs' ratios: from the lower to the upper quartile. */
  readonly spread?: readonly [number, number];
  readonly goal?: Goal;
  /** Anything else worth knowing: absolute figures, or what to install where the ratio is missing. */
  readonly note?: string;
}

export type Goal = { readonly atLeast: number } | { readonly atMost: number };

/** Whether a row reaches its goal; undefined where it has none, or was not measured. */
export function reached({ ratio, goal }: Row): boolean | undefined {
  if (ratio === undefined || goal === undefined) return undefined;
  return "atLeast" in goal ? ratio >= goal.atLeast : ratio <= goal.atMost;
}
