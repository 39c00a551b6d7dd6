import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { clawmatrixProgram } from "../../agents/clawmatrix-program.ts";

export interface RunningNode extends AsyncDisposable {
  /** As the operating system counts it. */
  residentBytes(): number;
}

/** `clawmatrix up` on a home, as it was built, run by somebody whose home directory is `person`. Resolves when it is ready. */
export async function startNode(home: string, person: string): Promise<RunningNode> {
  const [program = "", ...args] = clawmatrixProgram("up");
  const child = spawn(program, args, {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { ...process.env, CLAWMATRIX_HOME: home, HOME: person, USERPROFILE: person },
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
