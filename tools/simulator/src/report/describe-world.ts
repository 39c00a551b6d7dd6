import type { WorldReport } from "../world/run-world.ts";

/** What did not hold, how to see it again, and the whole world, for a file in `src/regressions`. */
export function describeViolations({ world, violations }: WorldReport): string {
  return [
    ...violations.map(({ invariant, what }) => `${invariant}: ${what}`),
    `again: npm run simulate -- --seed ${world.seed}   (or --world FILE, with the following in it)`,
    JSON.stringify(world),
  ].join("\n");
}
