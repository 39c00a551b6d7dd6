import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { spawn as spawnInTerminal } from "@lydell/node-pty";

/** How long anything here may take before the benchmark gives up, in milliseconds. */
const DEADLINE_MS = 30_000;

/** A terminal of the size in which people begin. */
const COLUMNS = 100;
const ROWS = 30;

/** Milliseconds until a process has ended. Throws when it fails. */
export function timeToEnd(args: readonly string[], env: NodeJS.ProcessEnv): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    env,
    encoding: "utf8",
    timeout: DEADLINE_MS,
  });
  const took = performance.now() - start;
  if (status !== 0) throw new Error(`${args.join(" ")} failed with code ${status}: ${stderr}`);
  return took;
}

/** Milliseconds until a process sends its first message over IPC; it is stopped afterwards. */
export async function timeToMessage(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "ignore", "ipc"] });
  const [message] = await once(child, "message", { signal: AbortSignal.timeout(DEADLINE_MS) });
  const took = performance.now() - start;
  await end(child);
  if ((message as { ready?: boolean }).ready !== true)
    throw new Error(`it did not start: ${JSON.stringify(message)}`);
  return took;
}

/** Milliseconds until a program in a terminal has drawn all of `texts`; it is stopped afterwards. */
export function timeToPicture(
  args: string[],
  env: NodeJS.ProcessEnv,
  texts: readonly string[],
): Promise<number> {
  const start = performance.now();
  const terminal = spawnInTerminal(process.execPath, args, {
    env: { ...env, TERM: "xterm-256color" },
    cols: COLUMNS,
    rows: ROWS,
  });
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(
      () => finish(new Error(`no picture with ${texts.join(", ")}; it drew:\n${drawn}`)),
      DEADLINE_MS,
    );
    let took: number | Error = Number.NaN;
    let drawn = "";
    const finish = (result: number | Error): void => {
      clearTimeout(deadline);
      took = result;
      terminal.kill("SIGTERM");
    };
    const listening = terminal.onData((data) => {
      drawn += data;
      if (!texts.every((text) => drawn.includes(text))) return;
      listening.dispose();
      finish(performance.now() - start);
    });
    terminal.onExit(() => (typeof took === "number" && !Number.isNaN(took) ? resolve(took) : reject(took)));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}
