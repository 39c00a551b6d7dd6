import { type Random, silentLogger, systemClock, systemRandom } from "@clawmatrix/environment";
import { Identity, MeshSecret, type NodeId } from "@clawmatrix/identity";
import { type Channel, ChannelManager, MeshNode, WebSocketTransport } from "@clawmatrix/mesh";
import { CallServer, ServiceRegistry } from "@clawmatrix/rpc";
import { weighBuffersWithHeap } from "@clawmatrix/runtime";
import { everybody } from "./everybody.ts";

export interface BenchNodeOptions {
  /** The mesh's secret, 32 bytes. */
  readonly secret: Uint8Array;
  /** Addresses that it dials. */
  readonly peers?: readonly string[];
  /** Whether it accepts links, on a free port of loopback. Default: no. */
  readonly listens?: boolean;
  /** The port where it does. Default: any. */
  readonly port?: number;
  /** What its links draw their jitter from. Default: the machine's. */
  readonly random?: Random;
}

/** How long a route may take to appear, in milliseconds. */
const ROUTE_TIMEOUT_MS = 30_000;

/** A node on real sockets, from links to calls, put together as `clawmatrix up` does, without store and services. */
export class BenchNode {
  readonly mesh: MeshNode;
  readonly channels: ChannelManager;
  readonly registry = new ServiceRegistry();

  private constructor({
    secret,
    peers = [],
    listens = false,
    port = 0,
    random = systemRandom,
  }: BenchNodeOptions) {
    const identity = Identity.generate(systemRandom);
    const meshSecret = MeshSecret.fromBytes(secret);
    const bootId = systemRandom.bytes(16);
    const description = { name: identity.nodeId.slice(0, 8), softwareVersion: "0" };
    const common = { identity, clock: systemClock, random: systemRandom, logger: silentLogger };
    this.mesh = new MeshNode({
      ...common,
      random,
      meshSecret,
      transport: new WebSocketTransport(),
      membership: everybody,
      description,
      bootId,
      listen: listens ? { host: "127.0.0.1", port } : undefined,
      peers,
    });
    this.channels = new ChannelManager({
      ...common,
      carrier: this.mesh,
      psk: meshSecret.channelPsk(),
      hello: { bootId, ...description, features: [] },
      membership: everybody,
      endOfTurn: (callback) => this.mesh.turn.soon(callback),
    });
    const server = new CallServer({
      ...common,
      self: identity.nodeId,
      registry: this.registry,
      isMember: () => true,
      isOperator: () => false,
      authorize: () => undefined,
    });
    this.channels.onChannel((channel) => server.attachPeer(channel, channel.peer));
  }

  static async start(options: BenchNodeOptions): Promise<BenchNode> {
    weighBuffersWithHeap();
    const node = new BenchNode(options);
    await node.channels.start();
    await node.mesh.start();
    return node;
  }

  get id(): NodeId {
    return this.mesh.nodeId;
  }

  /** Where others dial it. */
  get address(): string {
    return `ws://127.0.0.1:${this.mesh.listenAddress?.port}`;
  }

  /** The channel to a node, as soon as there is a route. */
  async channelTo(node: NodeId): Promise<Channel> {
    await this.#route(node);
    return this.channels.channelTo(node);
  }

  async stop(): Promise<void> {
    await this.channels.stop();
    await this.mesh.stop();
  }

  #route(node: NodeId): Promise<void> {
    if (this.mesh.isReachable(node)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        end();
        reject(new Error(`no route within ${ROUTE_TIMEOUT_MS / 1000} s`));
      }, ROUTE_TIMEOUT_MS);
      const end = this.mesh.onRouteChange(() => {
        if (!this.mesh.isReachable(node)) return;
        clearTimeout(timer);
        end();
        resolve();
      });
    });
  }
}
