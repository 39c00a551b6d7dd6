#!/usr/bin/env node
// Starts the built program on a Node that is new enough: this one, or the one that was installed beside the project.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NEEDED = 24;
const here = dirname(fileURLToPath(import.meta.url));
const main = join(here, "..", "dist", "main.js");

if (!existsSync(main)) {
  console.error("clawmatrix: not built yet; type `npm run build` in the checkout, then try again");
  process.exit(1);
}
if (Number(process.versions.node.split(".")[0]) >= NEEDED) {
  await import(main);
} else {
  const node = [
    join(here, "..", "..", "..", "node_modules", ".bin", "node"),
    join(here, "..", "node_modules", ".bin", "node"),
  ].find((candidate) => spawnSync(candidate, ["--version"]).status === 0);
  if (node === undefined) {
    console.error(
      `clawmatrix: needs Node ${NEEDED} or newer, this is ${process.version}; install it from https://nodejs.org`,
    );
    process.exit(1);
  }
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal sends ctrl-c to both; what is sent to this process alone is passed on. The child decides how to end.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("exit", (code, signal) => {
    if (signal !== null) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else {
      process.exitCode = code ?? 1;
    }
  });
}
