import {
  type Clock,
  type LifeCycle,
  type Random,
  seededRandom,
  silentLogger,
  systemClock,
  systemRandom,
} from "@clawmatrix/environment";
import { Identity, MeshSecret } from "@clawmatrix/identity";
import {
  admit,
  ChannelManager,
  foundMesh,
  Membership,
  MeshNode,
  type MeshNodeOptions,
  publicKeysOf,
  WebSocketTransport,
} from "@clawmatrix/mesh";

/** One node of a test, from sockets to channels. */
export interface SocketNode extends LifeCycle {
  readonly mesh: MeshNode;
  readonly channels: ChannelManager;
  /** Where it listens. */
  readonly port: number;
}

export interface SocketNodeOptions {
  /** Ports of loopback that it dials. */
  readonly dials?: readonly number[];
  readonly listens?: boolean;
  readonly relays?: boolean;
  readonly clock?: Clock;
  readonly limits?: MeshNodeOptions["limits"];
}

/** Dead links are noticed within 0.7 s. */
const HEARTBEAT_MS = 200;
const BOOT_ID_BYTES = 16;

/** Chances as they are, but for waiting: whoever dials again does so within a twentieth of the time. */
const IMPATIENT: Random = { ...systemRandom, fraction: () => systemRandom.fraction() / 20 };

/** Nodes of one mesh in this process, on real sockets of loopback; all of them are members from the start. */
export class SocketMesh {
  readonly #secret = MeshSecret.generate(systemRandom);
  readonly #founder = Identity.generate(seededRandom(1));
  readonly #membership: Membership;
  readonly #nodes: SocketNode[] = [];

  constructor() {
    const { mesh, entry } = foundMesh(this.#founder, this.#secret, "founder", Date.now());
    this.#membership = new Membership({ mesh, entries: [entry], logger: silentLogger });
  }

  async start(name: string, options: SocketNodeOptions = {}): Promise<SocketNode> {
    const { dials = [], listens = false, relays = false, clock = systemClock, limits } = options;
    const identity = Identity.generate(systemRandom);
    const membership = this.#membership;
    admit({ membership, identity: this.#founder, clock }, { keys: publicKeysOf(identity), name });
    const bootId = systemRandom.bytes(BOOT_ID_BYTES);
    const common = { identity, membership, clock, random: IMPATIENT, logger: silentLogger };
    const mesh = new MeshNode({
      ...common,
      meshSecret: this.#secret,
      transport: new WebSocketTransport(),
      description: { name, softwareVersion: "0", relays },
      bootId,
      heartbeatMs: HEARTBEAT_MS,
      listen: listens ? { host: "127.0.0.1", port: 0 } : undefined,
      peers: dials.map((port) => `ws://127.0.0.1:${port}`),
      limits,
    });
    const channels = new ChannelManager({
      ...common,
      carrier: mesh,
      psk: this.#secret.channelPsk(),
      hello: { bootId, name, softwareVersion: "0", features: [] },
    });
    const node: SocketNode = {
      mesh,
      channels,
      get port() {
        return mesh.listenAddress?.port ?? 0;
      },
      async start() {
        await channels.start();
        await mesh.start();
      },
      async stop() {
        await channels.stop();
        await mesh.stop();
      },
    };
    this.#nodes.push(node);
    await node.start();
    return node;
  }

  /** Stops all nodes, the last one first. */
  async stop(): Promise<void> {
    for (const node of this.#nodes.splice(0).reverse()) await node.stop();
  }
}
