import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The bundle, as it is shipped. */
const MAIN = join(
  dirname(createRequire(import.meta.url).resolve("clawmatrix/package.json")),
  "dist",
  "main.js",
);

/** How `clawmatrix` is started with these arguments. */
export function clawmatrixProgram(...args: readonly string[]): readonly string[] {
  return [process.execPath, MAIN, ...args];
}
