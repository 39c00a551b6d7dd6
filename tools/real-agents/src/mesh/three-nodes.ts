import { appendFile, mkdir } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { stringify } from "smol-toml";
import type { AgentLaunch } from "../agents/real-agent.ts";
import { privateEnvironment } from "../private-environment.ts";
import { MeshNode } from "./mesh-node.ts";

interface OfferedAgent {
  readonly id: string;
  readonly launch: AgentLaunch;
}

export interface ThreeNodesOptions {
  /** A directory for this run alone; the homes come into it. */
  readonly place: string;
  /** Where the agents of `server` may work. */
  readonly workDirectory: string;
  readonly agents: readonly OfferedAgent[];
}

/** How long the nodes may take to find each other, and how often that is looked at. */
const MESH_DEADLINE_MS = 30_000;
const LOOK_INTERVAL_MS = 200;

/** `laptop` and `server`, each of which knows only `relay`; the agents are on `server`. */
export class ThreeNodes {
  readonly laptop: MeshNode;
  readonly relay: MeshNode;
  readonly server: MeshNode;
  readonly #options: ThreeNodesOptions;

  constructor(options: ThreeNodesOptions) {
    this.#options = options;
    const node = (name: string) =>
      new MeshNode(name, {
        home: join(options.place, name),
        env: privateEnvironment(options.place),
        cwd: options.workDirectory,
      });
    this.laptop = node("laptop");
    this.relay = node("relay");
    this.server = node("server");
  }

  /** Makes the homes and starts the nodes, as a person would do on three machines. */
  async start(): Promise<void> {
    await this.relay.must("init", "--name", "relay", "--listen", `127.0.0.1:${await freePort()}`);
    await this.relay.must("up", "--detach");
    for (const node of [this.laptop, this.server]) {
      await mkdir(node.home, { recursive: true, mode: 0o700 });
      const invitation = invitationIn(await this.relay.must("invite", "--name", node.name));
      await node.must("join", invitation, "--name", node.name);
    }
    await this.#offerAgents();
    for (const node of [this.laptop, this.server]) await node.must("up", "--detach");
    await this.#agentsInReach();
  }

  /** Stops the node of the agents and starts it again. */
  async restartServer(): Promise<void> {
    await this.server.must("down");
    await this.server.must("up", "--detach");
    await this.#agentsInReach();
  }

  /** Stops whichever nodes run; returns what went wrong, one line each. */
  async stop(): Promise<readonly string[]> {
    const problems: string[] = [];
    for (const node of [this.laptop, this.server, this.relay]) {
      const { code, stdout, stderr } = await node.run("down");
      if (code !== 0) problems.push(`down on ${node.name} ended with ${code}: ${stdout}${stderr}`);
    }
    return problems;
  }

  async #offerAgents(): Promise<void> {
    const agents = this.#options.agents.map(({ id, launch }) => ({
      id,
      command: launch.command,
      env: launch.env,
      directories: [this.#options.workDirectory],
    }));
    await appendFile(join(this.server.home, "config.toml"), `\n${stringify({ agents })}`);
  }

  async #agentsInReach(): Promise<void> {
    const wanted = this.#options.agents.map(({ id }) => id);
    const deadline = performance.now() + MESH_DEADLINE_MS;
    for (;;) {
      const offered = await this.laptop.mustJson<readonly { id: string; node: string }[]>("agents");
      if (wanted.every((id) => offered.some((agent) => agent.id === id && agent.node === "server"))) return;
      if (performance.now() > deadline) {
        throw new Error(
          `laptop does not see ${wanted.join(", ")} on server; it sees: ${JSON.stringify(offered)}`,
        );
      }
      await delay(LOOK_INTERVAL_MS);
    }
  }
}

/** The invitation is by far the longest word of what `invite` prints. */
function invitationIn(output: string): string {
  const words = output.split(/\s+/).sort((one, other) => other.length - one.length);
  return words[0] as string;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
