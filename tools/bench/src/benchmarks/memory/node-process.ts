import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const MAIN = join(
  dirname(createRequire(import.meta.url).resolve("clawmatrix/package.json")),
  "dist",
  "main.js",
);

export interface RunningNode extends AsyncDisposable {
  /** As the operating system counts it. */
  residentBytes(): number;
}

/** `clawmatrix up` on a home, as it was built. Resolves when it is ready. */
export async function startNode(home: string): Promise<RunningNode> {
  const child = spawn(process.execPath, [MAIN, "up"], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { ...process.env, CLAWMATRIX_HOME: home },
  });
  const gone = once(child, "exit");
  const [report] = (await Promise.race([once(child, "message"), gone])) as [
    { ready?: boolean } | number | null,
  ];
  if (typeof report !== "object" || report?.ready !== true) throw new Error("the node did not start");
  return {
    residentBytes: () =>
      Number(execFileSync("ps", ["-o", "rss=", "-p", String(child.pid)], { encoding: "utf8" })) * 1024,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await gone;
    },
  };
}
