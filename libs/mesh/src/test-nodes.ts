import { seededRandom, silentLogger, VirtualClock } from "@clawmatrix/environment";
import { Identity, MeshSecret, type NodeId } from "@clawmatrix/identity";
import { clockTurn } from "./link/turn.ts";
import type { KeptEntry, MembershipView } from "./membership-view.ts";
import { MeshNode } from "./mesh-node.ts";
import type { MeshNodeOptions } from "./mesh-node-options.ts";
import { MemoryTransportNetwork, type NetworkConditions } from "./transport/memory-transport.ts";

/** Who is a member, as a test says; no entries. Several nodes may look at the same one. */
export class ListedMembers implements MembershipView {
  readonly #members = new Set<NodeId>();
  readonly #revoked = new Set<NodeId>();
  readonly #listeners = new Set<(node: NodeId) => void>();
  readonly #entryListeners = new Set<(entries: readonly KeptEntry[]) => void>();
  readonly #entries = new Map<string, KeptEntry>();

  admit(node: NodeId): void {
    this.#members.add(node);
    this.#tell(node);
  }

  revoke(node: NodeId): void {
    this.#members.delete(node);
    this.#revoked.add(node);
    this.#tell(node);
  }

  isMember(node: NodeId): boolean {
    return this.#members.has(node);
  }

  isRevoked(node: NodeId): boolean {
    return this.#revoked.has(node);
  }

  onChange(listener: (node: NodeId) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onEntries(listener: (entries: readonly KeptEntry[]) => void): () => void {
    this.#entryListeners.add(listener);
    return () => this.#entryListeners.delete(listener);
  }

  entries(): Iterable<KeptEntry> {
    return this.#entries.values();
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  get(id: string): KeptEntry | undefined {
    return this.#entries.get(id);
  }

  summary(): Uint8Array {
    const summary = new Uint8Array(16);
    for (const id of this.#entries.keys()) {
      for (const [i, byte] of Buffer.from(id, "hex").entries()) summary[i]! ^= byte;
    }
    return summary;
  }

  /** Entries are taken as they come: their first 16 bytes are the id. */
  merge(entries: readonly Uint8Array[]): readonly KeptEntry[] {
    const added: KeptEntry[] = [];
    for (const bytes of entries) {
      const id = Buffer.from(bytes.subarray(2, 18)).toString("hex");
      if (this.#entries.has(id)) continue;
      this.#entries.set(id, { id, bytes });
      added.push({ id, bytes });
    }
    for (const listener of [...this.#entryListeners]) listener(added);
    return added;
  }

  #tell(node: NodeId): void {
    for (const listener of [...this.#listeners]) listener(node);
  }
}

export interface TestMeshOptions {
  readonly seed?: number;
  readonly conditions?: NetworkConditions;
}

export interface TestNodeOptions extends Partial<Omit<MeshNodeOptions, "peers" | "transport">> {
  /** Names of the nodes that it dials. */
  readonly peers?: readonly string[];
  /** Whether it is admitted. Default: true. */
  readonly member?: boolean;
  readonly relays?: boolean;
}

/** What a node of a test has received. */
export interface Received {
  readonly packets: { readonly source: NodeId; readonly text: string }[];
  readonly undeliverable: { readonly destination: NodeId; readonly reason: number }[];
}

const PORT = 7000;

/** Nodes in memory, on virtual time, that know each other's membership at once. */
export class TestMesh {
  readonly clock = new VirtualClock();
  readonly members = new ListedMembers();
  readonly network: MemoryTransportNetwork;
  readonly received = new Map<string, Received>();
  readonly #random;
  readonly #secret: MeshSecret;
  readonly #nodes = new Map<string, MeshNode>();

  constructor({ seed = 1, conditions }: TestMeshOptions = {}) {
    this.#random = seededRandom(seed);
    const random = this.#random;
    this.network = new MemoryTransportNetwork({
      clock: this.clock,
      random,
      ...(conditions === undefined ? {} : { conditions }),
    });
    this.#secret = MeshSecret.generate(random);
  }

  identity(): Identity {
    return Identity.generate(this.#random);
  }

  address(name: string): string {
    return `memory://${name}:${PORT}`;
  }

  async add(name: string, options: TestNodeOptions = {}): Promise<MeshNode> {
    const { peers = [], member = true, relays = true, ...rest } = options;
    const identity = options.identity ?? this.identity();
    if (member && rest.membership === undefined) this.members.admit(identity.nodeId);
    const node = new MeshNode({
      identity,
      meshSecret: this.#secret,
      clock: this.clock,
      random: this.#random,
      logger: silentLogger,
      transport: this.network.transport(name),
      membership: this.members,
      description: { name, softwareVersion: "0.0.0", relays },
      listen: { host: name, port: PORT },
      turn: clockTurn(this.clock),
      peers: peers.map((peer) => this.address(peer)),
      ...rest,
    });
    const received: Received = { packets: [], undeliverable: [] };
    node.receive({
      packet: (source, payload) =>
        received.packets.push({ source, text: Buffer.from(payload).toString("utf8") }),
      undeliverable: (destination, reason) => received.undeliverable.push({ destination, reason }),
    });
    this.received.set(name, received);
    this.#nodes.set(name, node);
    await node.start();
    return node;
  }

  node(name: string): MeshNode {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`there is no node ${name}`);
    return node;
  }

  texts(name: string): string[] {
    return this.received.get(name)?.packets.map(({ text }) => text) ?? [];
  }

  /** Lets time pass until `condition` holds; fails after `withinMs` of virtual time. */
  until(what: string, condition: () => boolean, withinMs = 60_000): void {
    const step = 5;
    for (let passed = 0; !condition(); passed += step) {
      if (passed >= withinMs) throw new Error(`${what}: not within ${withinMs} ms`);
      this.clock.advance(step);
    }
  }

  async stop(name: string): Promise<void> {
    const stopped = this.node(name).stop();
    this.#nodes.delete(name);
    this.clock.advance(100);
    await stopped;
  }

  async stopAll(): Promise<void> {
    for (const name of [...this.#nodes.keys()]) await this.stop(name);
  }
}

/** A packet's payload. */
export function text(words: string): readonly Uint8Array[] {
  return [Buffer.from(words.slice(0, 2)), Buffer.from(words.slice(2))];
}
