import { spawn } from "node:child_process";
import { renderSummary, summarize } from "./test-summary.ts";

/**
 * `npm test`: the tests of every project, through Nx, which leaves out what has not changed and shows again what it said.
 * Ends with vitest's closing lines, summed over all projects.
 */
const args = ["run-many", "-t", "test", "--parallel=2", "--output-style=static", ...process.argv.slice(2)];
const nx = spawn("nx", args, { stdio: ["inherit", "pipe", "inherit"] });
let output = "";
nx.stdout.setEncoding("utf8");
nx.stdout.on("data", (text: string) => {
  output += text;
  process.stdout.write(text);
});
nx.on("close", (code) => {
  const summary = summarize(output);
  process.stdout.write(`\n${renderSummary(summary)}\n`);
  process.exitCode = code === 0 && summary.tests.failed === 0 && summary.tests.passed > 0 ? 0 : 1;
});
