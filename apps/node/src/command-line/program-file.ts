import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

declare const CLAWMATRIX_VERSION: string;

/** The script that is `clawmatrix`: what a node starts itself, and the embedded agent, with. */
export function mainScript(): string {
  return realpathSync(fileURLToPath(new URL("./main.js", import.meta.url)));
}

/** The version of the program; set when it is built. */
export function version(): string {
  return CLAWMATRIX_VERSION;
}
