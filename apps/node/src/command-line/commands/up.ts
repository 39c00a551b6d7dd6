import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import type { StartedNode } from "@clawmatrix/runtime";
import { configurationSource } from "../configuration-source.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import type { Output } from "../output.ts";
import { mainScript, version } from "../program-file.ts";

export interface UpOptions {
  readonly detach?: boolean;
  /** Stop when the process that started this one is gone. */
  readonly withParent?: boolean;
}

/** What a node that was started in the background tells its starter, over the channel that Node gives them. */
type StartReport =
  | {
      readonly ready: true;
      readonly name: string;
      readonly addresses: readonly string[];
      readonly warnings: readonly string[];
    }
  | {
      readonly ready: false;
      readonly code: StatusCode;
      readonly message: string;
      readonly reason: string;
      readonly hint: string;
    };

/** How long running turns may go on when the node is stopped by a signal, in milliseconds: as with `down`. */
const SIGNAL_GRACE_MS = 10_000;
/** What still holds the process once the node is stopped gets so long, in milliseconds. */
const LINGER_MS = 2_000;

/** `clawmatrix up`: runs the node until it is told to stop. */
export async function up(context: CommandContext, options: UpOptions): Promise<number> {
  if (options.detach === true) return startInBackground(context);
  const { output, clock, signal } = context;
  const withParent = options.withParent === true;
  const report = (message: StartReport): void => {
    process.send?.(message);
    if (process.connected === true && !withParent) process.disconnect();
  };
  const inBackground = process.send !== undefined;
  try {
    const node = await start(context);
    // Half of a node is worse than none: whoever watches over it starts it again.
    process.on("uncaughtException", (error) => {
      node.logFatal(error);
      process.exit(ExitCode.failed);
    });
    report({ ready: true, name: node.name, addresses: node.addresses, warnings: node.warnings });
    if (!inBackground) announce(node, output);
    // The lab's nodes stop with it, and it does not wait.
    const stop = (): void => void node.stop(withParent ? 0 : SIGNAL_GRACE_MS);
    signal.addEventListener("abort", stop, { once: true });
    if (withParent) process.once("disconnect", stop);
    if (signal.aborted) stop();
    await node.stopped;
    if (withParent) process.off("disconnect", stop);
    if (process.connected === true) process.disconnect();
    clock.schedule(LINGER_MS, () => process.exit());
    return ExitCode.done;
  } catch (thrown) {
    const { code, message, reason, hint } = StatusError.from(thrown);
    report({ ready: false, code, message, reason, hint });
    if (process.connected === true) process.disconnect();
    throw thrown;
  }
}

async function start({ paths, clock, random, env }: CommandContext): Promise<StartedNode> {
  const { startNode } = await import("@clawmatrix/runtime");
  return startNode({
    paths,
    source: configurationSource(paths),
    clock,
    random,
    env,
    version: version(),
    // What configurations call `clawmatrix` is this very program, whether or not it is on the PATH.
    programs: { clawmatrix: [process.execPath, mainScript()] },
  });
}

function announce({ name, addresses, warnings }: StartedNode, output: Output): void {
  if (output.json) output.document({ name, addresses });
  const where = addresses.length === 0 ? "accepts no peers" : `listens on ${addresses.join(", ")}`;
  output.note(`${name} is up; it ${where}. ctrl-c stops it.`);
  for (const warning of warnings) output.note(`${output.noteStyle("yellow", "warning:")} ${warning}`);
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
  for (const warning of report.warnings) output.note(`${output.noteStyle("yellow", "warning:")} ${warning}`);
  return ExitCode.done;
}
