import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "@clawmatrix/environment";
import type { Home, Homes } from "./homes.ts";

/** Three nodes: laptop and server know only relay; on server is the agent demo. */
export interface SmallMesh {
  readonly laptop: Home;
  readonly relay: Home;
  readonly server: Home;
  /** Where demo works. */
  readonly workspace: string;
}

/** Founds a mesh with one node, up. */
export async function startRelay(homes: Homes): Promise<Home> {
  const relay = homes.home("relay");
  await relay.ok("init", "--name", "relay", "--listen", `127.0.0.1:${await freePort()}`);
  await relay.ok("up", "--detach");
  return relay;
}

/** Takes a node into the mesh of `inviter`; it is not up yet. */
export async function joinMesh(inviter: Home, node: Home, name = node.name): Promise<void> {
  await node.ok("join", (await inviter.ok("invite", "--name", name)).trim());
}

/** The mesh, ready: laptop sees demo on server. */
export async function startSmallMesh(homes: Homes): Promise<SmallMesh> {
  const [laptop, server] = [homes.home("laptop"), homes.home("server")];
  const workspace = join(homes.directory, "workspace");
  mkdirSync(workspace);
  writeFileSync(join(workspace, "greet.sh"), 'echo "hello, world"\n');
  const relay = await startRelay(homes);
  await Promise.all([joinMesh(relay, laptop), joinMesh(relay, server)]);
  await server.ok("agents", "add", "demo", "--directory", workspace);
  await Promise.all([laptop.ok("up", "--detach"), server.ok("up", "--detach")]);
  await untilSeen(laptop, ({ name, agents }) => name === "server" && agents.includes("demo"));
  return { laptop, relay, server, workspace };
}

export interface SeenNode {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly via: string | null;
  readonly hops: number;
  readonly agents: readonly string[];
}

/** Waits until a node sees a reachable node like this. */
export async function untilSeen(home: Home, like: (node: SeenNode) => boolean): Promise<SeenNode> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const nodes = await home.json<SeenNode[]>("nodes");
    const found = nodes.find((node) => node.state !== "unreachable" && like(node));
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`not seen in time: ${JSON.stringify(nodes)}`);
  }
}
