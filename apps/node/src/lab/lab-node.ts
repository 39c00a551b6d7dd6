import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { makePrivateDirectory, type NodePaths, resolvePaths } from "@clawmatrix/config";
import { type Clock, systemClock } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { mainScript } from "../command-line/program-file.ts";

/** How long a node may take to stop by itself, in milliseconds. */
const STOP_MS = 5_000;

/** A node of the lab: a real process with a home of its own. */
export interface LabNode {
  readonly name: string;
  readonly home: string;
  readonly paths: NodePaths;
}

export interface RunningLabNode extends LabNode {
  stop(): Promise<void>;
}

/** The node `name` of the lab in `directory`. */
export async function labNode(directory: string, name: string): Promise<LabNode> {
  const home = join(directory, name);
  const paths = resolvePaths({ CLAWMATRIX_HOME: home }, process.platform, homedir());
  for (const needed of paths.directories) await makePrivateDirectory(needed);
  return { name, home, paths };
}

/** Starts the node's process, and resolves when it is ready. It ends with this process, however that ends. */
export async function startLabNode(node: LabNode, clock: Clock = systemClock): Promise<RunningLabNode> {
  const log = openSync(node.paths.logFile, "a", 0o600);
  const child = spawn(process.execPath, [mainScript(), "up", "--with-parent"], {
    stdio: ["ignore", "ignore", log, "ipc"],
    env: { ...process.env, CLAWMATRIX_HOME: node.home },
    // A ctrl-c of the terminal is this process's to handle: the nodes stop when it says so.
    detached: true,
  });
  closeSync(log);
  const report = (await Promise.race([
    once(child, "message").then(([message]) => message),
    once(child, "exit").then(([code]) => ({ ready: false, message: `it ended with code ${code}` })),
  ])) as { ready: boolean; message?: string };
  if (!report.ready) {
    throw new StatusError(
      StatusCode.INTERNAL,
      `the lab's node ${node.name} did not start: ${report.message ?? "?"}`,
      {
        hint: `Its log is ${node.paths.logFile}.`,
      },
    );
  }
  return { ...node, stop: () => stop(child, clock) };
}

async function stop(child: ChildProcess, clock: Clock): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const timer = clock.schedule(STOP_MS, () => child.kill("SIGKILL"), { keepAlive: true });
  await gone;
  timer.cancel();
}
