/**
 * Makes the protocol as it is now the one that later changes are held to: `node proto/renew-baseline.mjs`, at each release and
 * not in between. Writes baseline.binpb, without source information, so that it stays small.
 */
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const baseline = join(import.meta.dirname, "baseline.binpb");
execFileSync("buf", ["build", "--exclude-source-info", "-o", baseline], { cwd: root, stdio: "inherit" });
console.log(`proto/baseline.binpb: ${statSync(baseline).size} bytes`);
