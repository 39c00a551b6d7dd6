import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// The compiled code is kept beside the program: a second start does not compile it again. Where that place cannot be
// written to, nothing is kept.
enableCompileCache(fileURLToPath(new URL("./.compile-cache", import.meta.url)));
const { runProgram } = await import("./command-line/run-program.ts");
await runProgram(process.argv.slice(2));
