import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { connectToNode, findAgent, isReachable, type NodeConnection, nodesOf } from "@clawmatrix/client";
import { type MeshStatus, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { TuiOptions } from "@clawmatrix/tui";
import { buildMesh, type LabMesh } from "../../lab/build-mesh.ts";
import type { RunningLabNode } from "../../lab/lab-node.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import { describeNodes } from "./nodes.ts";
import { runTask } from "./run.ts";
import { openTui } from "./tui.ts";

export interface LabOptions {
  readonly keep?: string;
}

/** The lab's agent, as one names it on laptop. */
const AGENT = "demo@server";
/** How long the mesh may take until laptop sees the agent on server, in milliseconds. */
const READY_MS = 30_000;

/**
 * `clawmatrix lab`: a mesh of three nodes on this machine. On a terminal it opens the terminal UI on laptop; elsewhere
 * it sends one prompt through the relay and shows what comes back. Nothing of it is left afterwards.
 */
export async function lab(context: CommandContext, options: LabOptions): Promise<number> {
  const { output, signal } = context;
  const directory =
    options.keep === undefined ? await mkdtemp(join(tmpdir(), "clawmatrix-lab-")) : resolve(options.keep);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const running: RunningLabNode[] = [];
  try {
    const started = context.clock.monotonic();
    const mesh = await buildMesh(directory, {
      signal,
      onStarted: (node) => running.push(node),
      onProgress: (progress) => output.note(output.noteStyle("dim", `${progress} …`)),
    });
    const connection = await connectToNode({
      socket: mesh.laptop.paths.socket,
      clock: context.clock,
      random: context.random,
    });
    try {
      const status = await waitForAgent(connection, context);
      output.note(
        output.noteStyle(
          "dim",
          `three nodes are up after ${((context.clock.monotonic() - started) / 1000).toFixed(1)} s`,
        ),
      );
      if (signal.aborted) return ExitCode.interrupted;
      for (const line of describeHomes(mesh, context.env)) output.note(line);
      const onLaptop: CommandContext = {
        ...context,
        paths: mesh.laptop.paths,
        connect: async () => connection,
      };
      if (output.terminal && process.stdin.isTTY === true)
        return await openTui(onLaptop, {
          notice: describeLab(mesh, context.env),
          ...firstSession(mesh, status),
        });
      return await showOnePrompt(onLaptop, status);
    } finally {
      await connection.close();
    }
  } finally {
    if (running.length > 0) output.note(output.noteStyle("dim", "stopping the lab …"));
    await Promise.all(running.map((node) => node.stop()));
    if (running.length > 0) output.note(`Stopped ${running.map(({ name }) => name).join(", ")}.`);
    if (options.keep === undefined) await rm(directory, { recursive: true, force: true });
    else
      output.note(
        `The homes are kept in ${directory}; \`clawmatrix lab --keep ${options.keep}\` goes on with them.`,
      );
  }
}

async function showOnePrompt(context: CommandContext, status: MeshStatus): Promise<number> {
  const { output } = context;
  output.line(output.style("bold", `The mesh, as ${status.name} sees it:`));
  output.line(describeNodes(status, output));
  const server = status.nodes.find(({ name }) => name === "server");
  output.line();
  output.line(
    `${output.style("bold", "The route:")} ${status.name} → ${server?.viaName ?? "?"} → server (${server?.hops ?? "?"} hops; the relay can read nothing)`,
  );
  output.line();
  output.line(output.style("bold", `${status.name} › ${AGENT}: Hello from the other side of the relay`));
  return runTask(context, AGENT, "Hello from the other side of the relay", { permission: "deny" });
}

async function waitForAgent(
  connection: NodeConnection,
  { clock, signal }: CommandContext,
): Promise<MeshStatus> {
  const abort = new AbortController();
  const timer = clock.schedule(READY_MS, () => abort.abort(), { keepAlive: true });
  const given = AbortSignal.any([abort.signal, signal]);
  try {
    for await (const { status } of connection.diagnostics().watchStatus({}, { signal: given })) {
      const server = status === undefined ? undefined : nodesOf(status).find(({ name }) => name === "server");
      if (
        server !== undefined &&
        isReachable(server) &&
        server.status?.agents.some(({ id }) => id === "demo")
      )
        return status!;
    }
  } catch (thrown) {
    if (!abort.signal.aborted) throw thrown;
  } finally {
    timer.cancel();
  }
  throw new StatusError(
    StatusCode.DEADLINE_EXCEEDED,
    `the lab's nodes did not find each other within ${READY_MS / 1000} s`,
    {
      hint: "Is the machine very busy? Try again; `clawmatrix lab --keep DIR` keeps their logs.",
    },
  );
}

/** What the newcomer is told on the screen. */
function describeLab(mesh: LabMesh, env: NodeJS.ProcessEnv): string[] {
  return [
    "Three nodes run on this machine: this screen is on laptop, the agent demo on server. They know each other only through relay, which passes on what it cannot read.",
    ...describeHomes(mesh, env),
  ];
}

/** A newcomer's first act is to type a prompt. Whoever goes on with a lab finds the sessions that are there. */
function firstSession({ fresh }: LabMesh, status: MeshStatus): Pick<TuiOptions, "firstSession"> {
  if (!fresh) return {};
  const { agentId, node } = findAgent(status, AGENT);
  return { firstSession: { agent: agentId, node: node.id, title: "Welcome" } };
}

/** How to come at the nodes from elsewhere. In a checkout the program is not on the PATH of other terminals. */
function describeHomes({ laptop, relay, server }: LabMesh, env: NodeJS.ProcessEnv): string[] {
  const isCheckout = env.npm_lifecycle_event !== undefined;
  return [
    `Try any other command on them from another terminal${isCheckout ? ", in this folder" : ""}:`,
    ...[laptop, relay, server].map(
      ({ home }) => `  CLAWMATRIX_HOME=${home} ${isCheckout ? "npx " : ""}clawmatrix status`,
    ),
  ];
}
