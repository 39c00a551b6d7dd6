import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** `clawmatrix` as it is shipped: the bundle. */
const MAIN = join(
  dirname(createRequire(import.meta.url).resolve("clawmatrix/package.json")),
  "dist",
  "main.js",
);

/** Any command here ends far sooner; one that hangs must not outlive the test. */
const COMMAND_MS = 60_000;

/** Starts `clawmatrix` with these arguments in a home. `more`: of its environment, beside what this process has. */
export function startProgram(
  home: string,
  args: readonly string[],
  stdio: ("ignore" | "pipe" | "ipc" | number)[],
  more: Readonly<Record<string, string>> = {},
): ChildProcess {
  if (!existsSync(MAIN)) throw new Error(`there is no ${MAIN}; run npm run build first`);
  const env = { ...process.env, ...more, CLAWMATRIX_HOME: home, NO_COLOR: "1" };
  return spawn(process.execPath, [MAIN, ...args], { env, stdio, cwd: home });
}

/** Runs a command to its end and returns what it printed. Throws with all of it where it did not end with 0. */
export async function runProgram(home: string, ...args: readonly string[]): Promise<string> {
  const child = startProgram(home, args, ["ignore", "pipe", "pipe"]);
  const timer = setTimeout(() => child.kill("SIGKILL"), COMMAND_MS);
  let stdout = "";
  let all = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    all += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (all += text));
  const [code] = await once(child, "close");
  clearTimeout(timer);
  if (code !== 0) throw new Error(`clawmatrix ${args.join(" ")} ended with ${code}:\n${all}`);
  return stdout;
}
