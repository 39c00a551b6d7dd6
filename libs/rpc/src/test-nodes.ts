import { duplexPair } from "node:stream";
import { seededRandom, silentLogger, VirtualClock } from "@clawmatrix/environment";
import { Identity, MeshSecret, type NodeId } from "@clawmatrix/identity";
import { type CarrierFaults, ChannelManager, MemoryNetwork } from "@clawmatrix/mesh";
import { CallRouter } from "./call-router.ts";
import { CallServer, type CallServerOptions } from "./call-server.ts";
import { ServiceRegistry } from "./service-registry.ts";
import { StreamConduit } from "./stream-conduit.ts";

/** A node of a test: its channels, and what it serves. */
export interface TestNode {
  readonly id: NodeId;
  readonly identity: Identity;
  readonly channels: ChannelManager;
  readonly registry: ServiceRegistry;
  readonly server: CallServer;
  readonly router: CallRouter;
}

/** Nodes that call each other, on virtual time. */
export class TestNodes {
  readonly clock = new VirtualClock();
  readonly random;
  readonly network: MemoryNetwork;
  readonly members = new Set<NodeId>();
  readonly operators = new Set<NodeId>();
  readonly #psk: Uint8Array;
  #boots = 0;

  constructor(faults: Partial<CarrierFaults> = {}, seed = 1) {
    this.random = seededRandom(seed);
    this.network = new MemoryNetwork({ clock: this.clock, random: this.random, faults });
    this.#psk = MeshSecret.generate(this.random).channelPsk();
  }

  async start(identity?: Identity, options: Partial<CallServerOptions> = {}): Promise<TestNode> {
    const own = identity ?? Identity.generate(this.random);
    if (identity === undefined) this.members.add(own.nodeId);
    const { clock, random } = this;
    const channels = new ChannelManager({
      carrier: this.network.join(own.nodeId),
      identity: own,
      psk: this.#psk,
      hello: { bootId: new Uint8Array(16).fill(++this.#boots), name: "", softwareVersion: "", features: [] },
      membership: {
        isMember: (node) => this.members.has(node),
        isRevoked: () => false,
        onChange: () => () => undefined,
      },
      clock,
      random,
      logger: silentLogger,
      endOfTurn: (callback) => void clock.schedule(0, callback),
    });
    const registry = new ServiceRegistry();
    const server = new CallServer({
      self: own.nodeId,
      registry,
      clock,
      random,
      logger: silentLogger,
      isMember: (node) => this.members.has(node),
      isOperator: (node) => this.operators.has(node),
      authorize: () => undefined,
      ...options,
    });
    channels.onChannel((channel) => server.attachPeer(channel, channel.peer));
    await channels.start();
    const router = new CallRouter({ self: own.nodeId, server, channels });
    return { id: own.nodeId, identity: own, channels, registry, server, router };
  }

  /** A local client of a node: its end of the connection. */
  client(node: TestNode): StreamConduit {
    const [here, there] = duplexPair();
    const { clock } = this;
    node.router.attachClient(new StreamConduit(there, { role: "server", clock, logger: silentLogger }));
    return new StreamConduit(here, { role: "client", clock, logger: silentLogger });
  }

  /** Lets time pass, and what waits for the event loop happen. */
  async pass(ms: number, stepMs = 1): Promise<void> {
    const until = this.clock.monotonic() + ms;
    do {
      const due = this.clock.nextDue();
      const left = until - this.clock.monotonic();
      const toNext = due === undefined ? left : Math.max(due - this.clock.monotonic(), 0);
      this.clock.advance(Math.min(left, Math.max(toNext, stepMs)));
      // Streams take a few turns of the event loop, whatever the time.
      for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
    } while (this.clock.monotonic() < until);
  }

  /** Lets time pass until `promise` is settled, for `ms` at most. */
  async settle<T>(promise: Promise<T>, ms = 120_000): Promise<T> {
    let settled = false;
    const noted = promise.finally(() => {
      settled = true;
    });
    noted.catch(() => undefined);
    const until = this.clock.monotonic() + ms;
    while (!settled && this.clock.monotonic() < until) await this.pass(1);
    if (!settled) throw new Error(`not settled within ${ms} ms of virtual time`);
    return noted;
  }
}

/** All that a stream brings. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of stream) all.push(each);
  return all;
}
