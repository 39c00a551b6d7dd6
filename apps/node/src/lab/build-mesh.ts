import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { connectToNode } from "@clawmatrix/client";
import { editConfiguration } from "@clawmatrix/config";
import { systemClock as clock, freePort, systemRandom as random } from "@clawmatrix/environment";
import { createHome, hasIdentity, joinHome } from "@clawmatrix/runtime";
import { DEMO_COMMAND } from "../command-line/demo-command.ts";
import { type LabNode, labNode, type RunningLabNode, startLabNode } from "./lab-node.ts";

export interface LabMesh {
  readonly laptop: RunningLabNode;
  readonly relay: RunningLabNode;
  readonly server: RunningLabNode;
  /** Whether its homes were made now, rather than gone on with. */
  readonly fresh: boolean;
}

export interface BuildMeshOptions {
  /** Stops it between two steps. */
  readonly signal: AbortSignal;
  /** Called for each node as it comes up, so that it can be stopped if a later one fails. */
  readonly onStarted: (node: RunningLabNode) => void;
  readonly onProgress: (text: string) => void;
}

/** How long the invitations of the lab hold: they are used at once. */
const INVITATION_MS = 10 * 60_000;

/**
 * Three nodes on loopback: laptop and server know only relay, and the agent demo is on server. Homes that are there
 * already are gone on with.
 */
export async function buildMesh(
  directory: string,
  { signal, onStarted, onProgress }: BuildMeshOptions,
): Promise<LabMesh> {
  const [relay, laptop, server] = await Promise.all(
    ["relay", "laptop", "server"].map((name) => labNode(directory, name)),
  );
  const start = async (node: LabNode): Promise<RunningLabNode> => {
    const running = await startLabNode(node);
    onStarted(running);
    return running;
  };
  const step = (text: string): void => {
    signal.throwIfAborted();
    onProgress(text);
  };
  step("starting relay");
  const fresh = !hasIdentity(relay!.paths);
  if (fresh) {
    await createHome({
      paths: relay!.paths,
      source: source(relay!),
      clock,
      random,
      name: "relay",
      listen: `127.0.0.1:${await freePort()}`,
    });
  }
  const runningRelay = await start(relay!);
  step("inviting laptop and server");
  await Promise.all([laptop!, server!].map((node) => enter(node, runningRelay, signal)));
  await offerDemo(server!);
  step("starting laptop and server");
  const starts = [start(laptop!), start(server!)] as const;
  // Both have ended their starting when one has failed: what is started is known, and can be stopped.
  await Promise.allSettled(starts);
  return { laptop: await starts[0], relay: runningRelay, server: await starts[1], fresh };
}

async function enter(node: LabNode, relay: LabNode, signal: AbortSignal): Promise<void> {
  if (hasIdentity(node.paths)) return;
  const connection = await connectToNode({ socket: relay.paths.socket, clock, random });
  try {
    const { invitation } = await connection.members().invite({ name: node.name, expiresInMs: INVITATION_MS });
    const { name, paths } = node;
    await joinHome({
      paths,
      source: source(node),
      clock,
      random,
      env: process.env,
      invitation,
      name,
      signal,
    });
  } finally {
    await connection.close();
  }
}

/** Puts the embedded agent on the server, in a small directory in which there is something to look at and to edit. */
async function offerDemo(server: LabNode): Promise<void> {
  const workspace = join(server.home, "workspace");
  try {
    await mkdir(workspace);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    throw error;
  }
  await writeFile(
    join(workspace, "README.md"),
    "# A small place to try things\n\nTry: ls, cat greet.sh, run sh greet.sh, edit greet.sh world => mesh\n",
  );
  await writeFile(join(workspace, "greet.sh"), 'echo "hello, world"\n');
  await editConfiguration(source(server), {
    kind: "add-agent",
    agent: {
      id: "demo",
      description: "Embedded agent without a model: shows everything the protocol carries",
      command: DEMO_COMMAND,
      directories: [workspace],
      // Its sessions can be gone on with after it has crashed.
      env: { CLAWMATRIX_DEMO_STATE: join(server.home, "demo-sessions") },
    },
  });
}

function source(node: LabNode) {
  return { file: node.paths.configFile, homedir: homedir(), hostname: node.name };
}
