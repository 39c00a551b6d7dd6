import { type Logger, type Random, seededRandom } from "@clawmatrix/environment";
import type { Identity, MeshSecret, NodeId } from "@clawmatrix/identity";
import {
  type BatchBuffers,
  ChannelManager,
  clockTurn,
  Membership,
  type MemoryTransportNetwork,
  type Mesh,
  MeshNode,
} from "@clawmatrix/mesh";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { CallServer, ServiceRegistry } from "@clawmatrix/rpc";
import type { Sabotage } from "../sabotage/sabotage.ts";
import { Application } from "./application.ts";
import type { CallLogs } from "./call-log.ts";
import type { Disk } from "./disk.ts";
import { HostTransport, type WireTap } from "./host-transport.ts";
import type { LateFrames } from "./late-frames.ts";
import type { Machine } from "./machine.ts";
import type { Messages } from "./message.ts";
import { type PacketsSent, PacketWay } from "./packet-way.ts";

/** What all nodes of a world share. */
export interface NodeSurroundings {
  readonly network: MemoryTransportNetwork;
  readonly mesh: Mesh;
  readonly buffers: BatchBuffers;
  readonly tap: WireTap;
  readonly logs: CallLogs;
  readonly messages: Messages;
  readonly packets: PacketsSent;
  readonly late: LateFrames;
  readonly logger: Logger;
  readonly sabotage: Sabotage;
}

export interface SimulatedNodeOptions {
  /** Host and name. */
  readonly host: string;
  readonly identity: Identity;
  readonly secret: MeshSecret;
  readonly disk: Disk;
  readonly machine: Machine;
  readonly boot: number;
  readonly seed: number;
  readonly relays: boolean;
  /** Hosts that it dials. */
  readonly dials: readonly string[];
}

const PORT = 7000;
const BOOT_ID_BYTES = 16;
/** Channels that are not used end after a minute rather than ten, which is as good and does not take so long. */
const IDLE_MS = 60_000;
const SILENCE_MS = 90_000;

const OPEN_DOORS = { isMember: () => true, isRevoked: () => false, onChange: () => () => undefined };

const NO_MEMBER = new StatusError(
  StatusCode.PERMISSION_DENIED,
  "the caller is no member of the mesh any more",
);

/** One boot of a node: the real mesh, channels and calls, on a machine, a disk and a network that are simulated. */
export class SimulatedNode {
  readonly options: SimulatedNodeOptions;
  readonly machine: Machine;
  readonly random: Random;
  readonly membership: Membership;
  readonly mesh: MeshNode;
  readonly way: PacketWay;
  readonly channels: ChannelManager;
  readonly server: CallServer;
  readonly application: Application;
  readonly #transport: HostTransport;

  constructor(options: SimulatedNodeOptions, surroundings: NodeSurroundings) {
    const { host, identity, secret, disk, machine, relays, dials, boot } = options;
    const { network, mesh, buffers, tap, logs, messages, packets, late, sabotage } = surroundings;
    const logger = surroundings.logger.child({ node: host });
    this.options = options;
    this.machine = machine;
    this.random = seededRandom(options.seed);
    const { random } = this;
    this.membership = new Membership({ mesh, entries: disk.entries, keep: disk.keepEntry, logger });
    this.#transport = new HostTransport({ host, inner: network.transport(host), machine, tap });
    const bootId = random.bytes(BOOT_ID_BYTES);
    const description = { name: host, softwareVersion: "0.0.0", relays };
    this.mesh = new MeshNode({
      identity,
      meshSecret: secret,
      clock: machine,
      random,
      logger,
      transport: this.#transport,
      membership: this.membership,
      description,
      bootId,
      listen: { host, port: PORT },
      peers: dials.map((other) => `memory://${other}:${PORT}`),
      records: disk.records,
      onRecord: disk.keepRecord,
      onForgotten: disk.forgetRecord,
      turn: clockTurn(machine),
      buffers,
    });
    this.way = new PacketWay({ carrier: this.mesh, clock: machine, random, packets, alter: sabotage.packet });
    this.channels = new ChannelManager({
      carrier: this.way,
      identity,
      psk: secret.channelPsk(),
      hello: { bootId, name: host, softwareVersion: "0.0.0", features: [] },
      membership: sabotage.opensDoors === true ? OPEN_DOORS : this.membership,
      clock: machine,
      random,
      logger,
      endOfTurn: (callback) => void machine.schedule(0, callback),
      limits: { idleMs: IDLE_MS, silenceMs: SILENCE_MS },
    });
    const registry = new ServiceRegistry();
    this.application = new Application({ machine, boot, logs, messages });
    this.application.serve(registry);
    this.server = new CallServer({
      self: identity.nodeId,
      registry,
      clock: machine,
      random,
      logger,
      isMember: (node) => sabotage.opensDoors === true || this.membership.isMember(node),
      isOperator: (node) => this.membership.isOperator(node),
      authorize: () => undefined,
      executedCalls: disk,
    });
    this.channels.onChannel((channel) =>
      this.server.attachPeer(late.watch(sabotage.conduit?.(channel) ?? channel), channel.peer),
    );
  }

  get nodeId(): NodeId {
    return this.options.identity.nodeId;
  }

  get host(): string {
    return this.options.host;
  }

  get isRunning(): boolean {
    return !this.machine.hasCrashed;
  }

  async start(): Promise<void> {
    this.membership.onChange((node) => {
      if (!this.membership.isMember(node)) this.server.endCallsOf(node, NO_MEMBER);
    });
    await this.channels.start();
    await this.mesh.start();
  }

  /** Ends in good order. Resolves as virtual time goes on. */
  async stop(): Promise<void> {
    await this.channels.stop();
    await this.mesh.stop();
    this.server.stop();
  }

  /** Ends without a word. */
  crash(): void {
    this.machine.crash();
    this.#transport.release();
  }
}
