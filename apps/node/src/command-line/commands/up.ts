import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { configurationSource } from "../configuration-source.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import { mainScript, version } from "../program-file.ts";

export interface UpOptions {
  readonly detach?: boolean;
  /** Stop when the process that started this one is gone. */
  readonly withParent?: boolean;
}

/** What a node that was started in the background tells its starter, over the channel that Node gives them. */
type StartReport =
  | { readonly ready: true; readonly name: string; readonly addresses: readonly string[] }
  | {
      readonly ready: false;
      readonly code: StatusCode;
      readonly message: string;
      readonly reason: string;
      readonly hint: string;
    };

/** `clawmatrix up`: runs the node until it is told to stop. */
export async function up(context: CommandContext, options: UpOptions): Promise<number> {
  if (options.detach === true) return startInBackground(context);
  const { output, paths, clock, random, signal, env } = context;
  const { startNode } = await import("@clawmatrix/runtime");
  const report = (message: StartReport): void => {
    process.send?.(message);
    if (process.connected === true && options.withParent !== true) process.disconnect();
  };
  try {
    const node = await startNode({
      paths,
      source: configurationSource(paths),
      clock,
      random,
      env,
      version: version(),
      // What configurations call `clawmatrix` is this very program, whether or not it is on the PATH.
      programs: { clawmatrix: [process.execPath, mainScript()] },
    });
    report({ ready: true, name: node.name, addresses: node.addresses });
    const where =
      node.addresses.length === 0 ? "accepts no peers" : `listens on ${node.addresses.join(", ")}`;
    if (output.json) output.document({ name: node.name, addresses: node.addresses });
    else output.note(`${node.name} is up; it ${where}. ctrl-c stops it.`);
    for (const warning of node.warnings) output.note(`${output.noteStyle("yellow", "warning:")} ${warning}`);
    const stop = (): void => void node.stop();
    signal.addEventListener("abort", stop, { once: true });
    if (options.withParent === true) process.once("disconnect", stop);
    if (signal.aborted) stop();
    await node.stopped;
    return ExitCode.done;
  } catch (thrown) {
    const { code, message, reason, hint } = StatusError.from(thrown);
    report({ ready: false, code, message, reason, hint });
    throw thrown;
  }
}

/** Starts `clawmatrix up` as a process of its own, and waits until it is ready or says why not. */
async function startInBackground({ output, paths }: CommandContext): Promise<number> {
  const { makePrivateDirectory } = await import("@clawmatrix/config");
  for (const directory of paths.directories) await makePrivateDirectory(directory);
  const log = openSync(paths.logFile, "a", 0o600);
  const child = spawn(process.execPath, [mainScript(), "up"], {
    detached: true,
    stdio: ["ignore", "ignore", log, "ipc"],
    env: process.env,
  });
  const report = await new Promise<StartReport>((resolve, reject) => {
    child.once("message", (message) => resolve(message as StartReport));
    child.once("error", reject);
    child.once("exit", (code) =>
      resolve({
        ready: false,
        code: StatusCode.INTERNAL,
        message: `the node ended at once, with code ${code}`,
        reason: "",
        hint: `Its log is ${paths.logFile}.`,
      }),
    );
  });
  child.unref();
  if (child.connected) child.disconnect();
  if (!report.ready) {
    const { code, message, reason, hint } = report;
    throw new StatusError(code, message, { reason, hint });
  }
  if (output.json) output.document({ name: report.name, addresses: report.addresses, pid: child.pid });
  else
    output.note(
      `${report.name} is up in the background (process ${child.pid}); \`clawmatrix down\` stops it. Log: ${paths.logFile}`,
    );
  return ExitCode.done;
}
