import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@clawmatrix/environment";
import { type LinkState, NodeReach } from "@clawmatrix/protocol";
import { NodeProcess } from "./node-process.ts";
import { runProgram } from "./program.ts";

/** An agent that `server` offers beside the embedded one. */
export interface OfferedAgent {
  readonly id: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface RelayedMeshOptions {
  /** Names of the relays. */
  readonly relays: readonly string[];
  /** As in the configuration. Default: the shortest that it allows, with which a dead link is noticed within some three seconds. */
  readonly heartbeat?: string;
  /** Default: none. */
  readonly agents?: readonly OfferedAgent[];
  /** Of the nodes' processes, beside what this process has. */
  readonly env?: Readonly<Record<string, string>>;
}

const SHORTEST_HEARTBEAT = "1s";
const MESH_MS = 30_000;

/**
 * Real nodes on loopback: `laptop` and `server`, which know only the relays, and on `server` the embedded agent
 * `demo`. The relays know only each other.
 */
export class RelayedMesh {
  readonly directory: string;
  readonly laptop: NodeProcess;
  readonly server: NodeProcess;
  readonly relays: readonly NodeProcess[];
  readonly ports: readonly number[];
  readonly #options: RelayedMeshOptions;

  private constructor(directory: string, options: RelayedMeshOptions, ports: readonly number[]) {
    const node = (name: string) => new NodeProcess(name, join(directory, name), options.env);
    this.directory = directory;
    this.laptop = node("laptop");
    this.server = node("server");
    this.relays = options.relays.map(node);
    this.ports = ports;
    this.#options = options;
  }

  /** Makes the homes and starts the nodes; resolves when `laptop` sees the agents through every relay's link. */
  static async start(options: RelayedMeshOptions): Promise<RelayedMesh> {
    const directory = await mkdtemp(join(tmpdir(), "clawmatrix-mesh-"));
    const mesh = new RelayedMesh(directory, options, await Promise.all(options.relays.map(freePort)));
    try {
      await mesh.#build();
    } catch (error) {
      await mesh.end();
      throw error;
    }
    return mesh;
  }

  /** The relay over which `server` reaches `laptop` now: what the agent says goes this way. */
  async carrier(): Promise<NodeProcess> {
    const { viaName } = await this.server.sees("laptop", "over a relay", viaRelay, MESH_MS);
    return this.#relay(viaName);
  }

  #relay(name: string): NodeProcess {
    const relay = this.relays.find((each) => each.name === name);
    if (relay === undefined) throw new Error(`there is no relay ${name}`);
    return relay;
  }

  /**
   * Resolves when both ends have their link with a relay (again), as each hears it from the other: the relay's own
   * record may be from before it was stopped. Whether packets go over it is another question: on a busy machine two
   * hops may be measured to be faster.
   */
  async linked(relay: NodeProcess, ms = MESH_MS): Promise<void> {
    for (const [one, other] of [
      [this.laptop, this.server],
      [this.server, this.laptop],
    ] as const) {
      const { id } = await one.sees(relay.name, "at all", () => true, ms);
      const toRelay = (link: LinkState) => Buffer.compare(link.peer, id) === 0;
      await one.sees(other.name, `with its link to ${relay.name}`, ({ links }) => links.some(toRelay), ms);
    }
  }

  /** A session with `demo`, whose pieces come 10 ms apart, or as fast as they can. */
  async openSession(pace: "fast" | "instant"): Promise<string> {
    const printed = await runProgram(this.laptop.home, "session", "new", "demo@server", "--json");
    const { id } = JSON.parse(printed) as { id: string };
    await runProgram(this.laptop.home, "session", "prompt", id, `option pace ${pace}`);
    return id;
  }

  /** Ends all processes and removes the homes. */
  async end(): Promise<void> {
    for (const node of this.#nodes()) node.signal("SIGCONT");
    await Promise.all(this.#nodes().map((node) => node.kill()));
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }

  #nodes(): NodeProcess[] {
    return [this.laptop, this.server, ...this.relays];
  }

  async #build(): Promise<void> {
    const [first, ...rest] = this.relays as [NodeProcess, ...NodeProcess[]];
    for (const { home } of this.#nodes()) await mkdir(home, { mode: 0o700 });
    await runProgram(first.home, "init", "--name", first.name);
    await this.#configure(first);
    await first.start();
    await Promise.all([...rest, this.laptop, this.server].map((node) => this.#join(node, first)));
    // Relays first: who dials one that does not listen yet waits before it dials again.
    for (const relay of rest) await relay.start();
    await Promise.all([this.laptop.start(), this.server.start()]);
    for (const relay of this.relays) await this.linked(relay);
    const agents = 1 + (this.#options.agents?.length ?? 0);
    await this.laptop.sees("server", "with its agents", (server) => server.agents.length === agents, MESH_MS);
  }

  async #join(node: NodeProcess, inviter: NodeProcess): Promise<void> {
    const printed = await runProgram(inviter.home, "invite", "--name", node.name);
    // The invitation is by far the longest word of what `invite` prints.
    const [invitation = ""] = printed.split(/\s+/).sort((one, other) => other.length - one.length);
    await runProgram(node.home, "join", invitation, "--name", node.name);
    await this.#configure(node);
  }

  async #configure(node: NodeProcess): Promise<void> {
    const at = this.relays.indexOf(node);
    const addresses = this.ports.map((port) => `ws://127.0.0.1:${port}`);
    const peers = at < 0 ? addresses : addresses.slice(0, at);
    const lines = [
      `name = "${node.name}"`,
      "[mesh]",
      `heartbeat = "${this.#options.heartbeat ?? SHORTEST_HEARTBEAT}"`,
      `peers = ${JSON.stringify(peers)}`,
      ...(at < 0 ? ["relay = false"] : [`listen = "127.0.0.1:${this.ports[at]}"`]),
    ];
    if (node === this.server) {
      // So its sessions outlive its process.
      const env = { CLAWMATRIX_DEMO_STATE: join(node.home, "demo-state") };
      const demo = { id: "demo", command: ["clawmatrix", "demo-agent"], env };
      for (const agent of [demo, ...(this.#options.agents ?? [])])
        lines.push(...agentTable(agent, node.home));
      lines.push("[[grants]]", 'to = ["*"]', 'allow = ["sessions:watch"]');
    }
    await writeFile(join(node.home, "config.toml"), `${lines.join("\n")}\n`, { mode: 0o600 });
  }
}

/** The agent may work in its node's home. JSON's strings are TOML's too. */
function agentTable({ id, command, env }: OfferedAgent, home: string): string[] {
  return [
    "[[agents]]",
    `id = ${JSON.stringify(id)}`,
    `command = ${JSON.stringify(command)}`,
    `directories = [${JSON.stringify(home)}]`,
    "[agents.env]",
    ...Object.entries(env).map(([name, value]) => `${JSON.stringify(name)} = ${JSON.stringify(value)}`),
  ];
}

function viaRelay({ reach, viaName }: { readonly reach: NodeReach; readonly viaName: string }): boolean {
  return reach === NodeReach.RELAYED && viaName !== "";
}
