import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { makePrivateDirectory, resolvePaths } from "@clawmatrix/config";
import { systemClock as clock, systemRandom as random } from "@clawmatrix/environment";
import { NodeProcess } from "@clawmatrix/faults";
import { NodeReach, type NodeStatus } from "@clawmatrix/protocol";
import { createHome, joinHome } from "@clawmatrix/runtime";
import type { Report } from "../../benchmark.ts";
import { freePorts } from "../../processes/free-ports.ts";
import { type Fleet, MOST_KNOWN_MS } from "./fleet.ts";
import { Observer } from "./observer.ts";

/** How far the links across the ring lead, from each of four nodes in turn: so 20 nodes are four links apart at most. */
const ACROSS = [6, undefined, undefined, 10];

/** Real nodes on loopback with their default timing: a ring with links across, two or three links for each node. */
export class NodeFleet implements Fleet {
  readonly #directory: string;
  readonly #nodes: readonly NodeProcess[];
  readonly #observers: readonly Observer[];
  readonly #ports: readonly number[];

  private constructor(directory: string, ports: readonly number[]) {
    this.#directory = directory;
    this.#ports = ports;
    this.#nodes = ports.map((_, i) => new NodeProcess(`n${i}`, join(directory, `n${i}`)));
    this.#observers = this.#nodes.map((node) => new Observer(node));
  }

  /** Resolves when each knows a way to every other one. */
  static async start(size: number, report: Report): Promise<NodeFleet> {
    const directory = await mkdtemp(join(tmpdir(), "clawmatrix-bench-"));
    const fleet = new NodeFleet(directory, await freePorts(size));
    try {
      await fleet.#build(report);
    } catch (failure) {
      await fleet.end();
      throw failure;
    }
    return fleet;
  }

  async change(member: number, round: number): Promise<number> {
    const label = `round-${round}`;
    const known = this.#seenByOthers(member, ({ labels }) => labels.includes(label));
    const node = this.#nodes[member]!;
    const local = (await node.connect()).local();
    const began = performance.now();
    await this.#configure(member, [label]);
    // As commands do that change the configuration: else the node sees by itself that it has, somewhat later.
    await local.reload({});
    return Math.max(...(await known)) - began;
  }

  async kill(member: number): Promise<number> {
    const node = this.#nodes[member]!;
    const noticed = this.#seenByOthers(member, ({ reach }) => reach === NodeReach.UNREACHABLE);
    const began = performance.now();
    node.signal("SIGKILL");
    const took = Math.max(...(await noticed)) - began;
    await node.kill();
    const back = this.#seenByOthers(member, isReachable);
    await node.start();
    await this.#observers[member]!.start();
    await back;
    return took;
  }

  async end(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.kill()));
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }

  /** When each of the others sees a node so, in ms of `performance.now`. */
  #seenByOthers(member: number, wanted: (node: NodeStatus) => boolean): Promise<number[]> {
    const { name } = this.#nodes[member]!;
    const others = this.#observers.filter((_, i) => i !== member);
    return Promise.all(others.map((other) => other.sees(name, wanted, MOST_KNOWN_MS)));
  }

  async #build(report: Report): Promise<void> {
    const [first, ...rest] = this.#nodes as [NodeProcess, ...NodeProcess[]];
    report(`${this.#nodes.length} homes are made`);
    for (const { home } of this.#nodes) await makePrivateDirectory(home);
    await createHome({ ...this.#home(first), name: first.name, listen: `127.0.0.1:${this.#ports[0]}` });
    await this.#configure(0);
    await first.start();
    const members = (await first.connect()).members();
    for (const [i, node] of rest.entries()) {
      const { invitation } = await members.invite({ name: node.name });
      await joinHome({ ...this.#home(node), invitation, name: node.name, env: process.env });
      await this.#configure(i + 1);
    }
    report("they are started");
    for (const node of rest) await node.start();
    for (const observer of this.#observers) await observer.start();
    await Promise.all(this.#nodes.map((_, i) => this.#seenByOthers(i, isReachable)));
  }

  #home({ name, home }: NodeProcess) {
    const paths = resolvePaths({ CLAWMATRIX_HOME: home }, process.platform, homedir());
    return { paths, source: { file: paths.configFile, homedir: homedir(), hostname: name }, clock, random };
  }

  /** The one before it, for the last one also the first; and two of every four, one that is six or ten further. */
  #peersOf(member: number): number[] {
    const size = this.#nodes.length;
    const across = ACROSS[member % ACROSS.length];
    return [
      ...(member > 0 ? [member - 1] : []),
      ...(member === size - 1 ? [0] : []),
      ...(across === undefined ? [] : [(member + across) % size]),
    ];
  }

  /** Writes the configuration as editors do: the whole of it, put in place at once. */
  async #configure(member: number, labels: readonly string[] = []): Promise<void> {
    const { name, home } = this.#nodes[member]!;
    const peers = this.#peersOf(member).map((peer) => `ws://127.0.0.1:${this.#ports[peer]}`);
    const text = [
      `name = ${JSON.stringify(name)}`,
      `labels = ${JSON.stringify(labels)}`,
      "[mesh]",
      `listen = "127.0.0.1:${this.#ports[member]}"`,
      `peers = ${JSON.stringify(peers)}`,
      "",
    ].join("\n");
    const file = join(home, "config.toml");
    await writeFile(`${file}.new`, text, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
}

function isReachable({ reach }: NodeStatus): boolean {
  return reach === NodeReach.DIRECT || reach === NodeReach.RELAYED;
}
