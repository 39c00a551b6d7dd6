import { spawnSync } from "node:child_process";

/** `npm run check`: everything that is wrong without running the product. All of it is run, also after a failure. */
const checks: readonly (readonly [what: string, ...command: string[]])[] = [
  ["format and lint", "biome", "ci", "--colors=off", "."],
  ["layers", "node", "tools/workspace/src/check-layers.ts"],
  ["protocol", "node", "proto/check.mjs"],
  ["types", "nx", "run-many", "-t", "typecheck", "--parallel=2", "--output-style=static"],
  ["dead code", "knip", "--no-progress"],
];

const failed = checks.filter(([what, command, ...args]) => {
  console.log(`\n── ${what}`);
  return spawnSync(command!, args, { stdio: "inherit" }).status !== 0;
});
console.log(
  failed.length === 0 ? "\nall checks passed" : `\nfailed: ${failed.map(([what]) => what).join(", ")}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
