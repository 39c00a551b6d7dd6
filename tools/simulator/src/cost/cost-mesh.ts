import { seededRandom, silentLogger } from "@clawmatrix/environment";
import { type Identity, MeshSecret, type NodeId } from "@clawmatrix/identity";
import {
  admit,
  BatchBuffers,
  clockTurn,
  foundMesh,
  Membership,
  MemoryTransportNetwork,
  MeshNode,
  publicKeysOf,
} from "@clawmatrix/mesh";
import { HostTransport } from "../world/host-transport.ts";
import { Identities } from "../world/identities.ts";
import { Machine } from "../world/machine.ts";
import { promisesDone, VirtualTime } from "../world/virtual-time.ts";
import { SharedRecords } from "./shared-records.ts";

export interface CostMeshOptions {
  readonly nodes: number;
  /** Who dials whom. */
  readonly links: readonly (readonly [number, number])[];
  readonly seed: number;
  /** Milliseconds between two hosts, one way: each pair has its own, from the first to the second. */
  readonly delayMs: readonly [least: number, most: number];
}

export interface CostNode {
  readonly number: number;
  readonly host: string;
  readonly mesh: MeshNode;
  readonly machine: Machine;
}

const PORT = 7000;
/** All nodes are started within this time, in ms. */
const STARTING_MS = 1_000;

/**
 * Many nodes' links, gossip and routes, without calls: what a mesh costs that nobody uses. The nodes share one
 * membership, as if all had been told of all decisions before.
 */
export class CostMesh {
  readonly time = new VirtualTime();
  readonly nodes: CostNode[] = [];
  readonly byId = new Map<NodeId, CostNode>();
  readonly #network: MemoryTransportNetwork;
  wireBytes = 0;

  constructor({ nodes, links, seed, delayMs: [least, most] }: CostMeshOptions) {
    const random = seededRandom(seed);
    const { clock } = this.time;
    const delays = new Map<string, number>();
    const delayOf = (from: string, to: string): number => {
      const pair = from < to ? `${from} ${to}` : `${to} ${from}`;
      const known = delays.get(pair);
      const delay = known ?? Math.round(least + random.fraction() * (most - least));
      if (known === undefined) delays.set(pair, delay);
      return delay;
    };
    this.#network = new MemoryTransportNetwork({ clock, random, conditions: { delayMs: delayOf } });
    const secret = MeshSecret.generate(random);
    const identities = new Identities().draw(nodes, seed);
    const membership = membershipOf(identities, secret, this.time);
    const buffers = new BatchBuffers();
    const records = new SharedRecords();
    for (const [number, identity] of identities.entries()) {
      const host = hostOf(number);
      const machine = new Machine(clock);
      const mesh = new MeshNode({
        identity,
        meshSecret: secret,
        clock: machine,
        random: seededRandom(seed + number + 1),
        logger: silentLogger,
        transport: new HostTransport({
          host,
          inner: this.#network.transport(host),
          machine,
          tap: (_from, _to, message) => {
            this.wireBytes += message.length;
          },
        }),
        membership,
        description: { name: host, softwareVersion: "0.0.0", relays: true },
        listen: { host, port: PORT },
        peers: links.filter(([from]) => from === number).map(([, to]) => `memory://${hostOf(to)}:${PORT}`),
        turn: clockTurn(machine),
        buffers,
        readRecord: records.read,
      });
      const node: CostNode = { number, host, mesh, machine };
      this.nodes.push(node);
      this.byId.set(mesh.nodeId, node);
      clock.schedule(random.fraction() * STARTING_MS, () => void mesh.start());
    }
  }

  /** Nodes that have not crashed. */
  living(): CostNode[] {
    return this.nodes.filter(({ machine }) => !machine.hasCrashed);
  }

  /** Lets time pass. Nothing here waits for promises but closing, so that they are only looked after now and then. */
  async pass(ms: number): Promise<void> {
    this.time.clock.advance(ms);
    await promisesDone();
  }

  /** Milliseconds until the condition holds, looked at every `stepMs`; undefined: not within `withinMs`. */
  async until(condition: () => boolean, withinMs: number, stepMs: number): Promise<number | undefined> {
    const since = this.time.nowMs;
    while (!condition()) {
      if (this.time.nowMs - since >= withinMs) return undefined;
      await this.pass(stepMs);
    }
    return this.time.nowMs - since;
  }

  /** A node ends. `silent`: nobody is told, not even by its connections. */
  crash(node: CostNode, silent: boolean): void {
    node.machine.crash();
    for (const { id } of node.mesh.neighbours()) {
      const other = this.byId.get(id);
      if (other === undefined) continue;
      if (silent) this.#network.silence(node.host, other.host);
      else this.#network.cut(node.host, other.host);
    }
  }
}

function membershipOf(
  identities: readonly Identity[],
  secret: MeshSecret,
  { clock }: VirtualTime,
): Membership {
  const [founder, ...others] = identities as readonly [Identity, ...Identity[]];
  const { mesh, entry } = foundMesh(founder, secret, "n0", clock.now());
  const membership = new Membership({ mesh, entries: [entry], logger: silentLogger });
  for (const [i, identity] of others.entries()) {
    admit({ membership, identity: founder, clock }, { keys: publicKeysOf(identity), name: hostOf(i + 1) });
  }
  return membership;
}

function hostOf(number: number): string {
  return `n${number}`;
}
