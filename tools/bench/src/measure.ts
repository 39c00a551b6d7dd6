/** Work of which a figure is taken: it runs many times in a loop. */
export type Work = () => unknown;

/** Takes every result, so that the work is not optimised away. */
const blackHole: { result?: unknown } = {};

/** Nanoseconds per run, over `runs` runs. */
export function timeOf(work: Work, runs: number): number {
  const start = process.hrtime.bigint();
  for (let i = 0; i < runs; i++) blackHole.result = work();
  const took = Number(process.hrtime.bigint() - start);
  return took / runs;
}

/** How many runs take about `milliseconds`. */
export function runsFor(work: Work, milliseconds: number): number {
  for (let runs = 8; ; runs *= 2) {
    const took = timeOf(work, runs) * runs;
    if (took > 200_000) return Math.max(1, Math.round((runs * milliseconds * 1_000_000) / took));
  }
}
