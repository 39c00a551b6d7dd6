import type { LifeCycle } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import { PacketKind } from "@clawmatrix/protocol";
import { Gossip } from "./gossip/gossip.ts";
import { type OwnDescription, OwnRecord } from "./gossip/own-record.ts";
import { type KeptRecord, readRecord } from "./gossip/signed-record.ts";
import { readStoredRecords } from "./gossip/stored-records.ts";
import type { DialerState } from "./link/dialer.ts";
import type { Link } from "./link/link.ts";
import { LinkLayer } from "./link/link-layer.ts";
import { EventLoopTurn, type Turn } from "./link/turn.ts";
import { type MeshCounters, newCounters } from "./mesh-counters.ts";
import type { MeshNodeOptions } from "./mesh-node-options.ts";
import { type NeighbourView, type NodeView, viewNeighbours, viewNode } from "./node-view.ts";
import { BatchBuffers } from "./packet/batch-buffers.ts";
import { MAX_PAYLOAD_BYTES } from "./packet/limits.ts";
import type { CarryOptions, CarryOutcome, PacketCarrier, PacketReceiver } from "./packet-carrier.ts";
import { Forwarder } from "./routing/forwarder.ts";
import { RouteTable } from "./routing/route-table.ts";
import type { ListenAddress } from "./transport/transport.ts";

/** A dead link is noticed within half a minute, and a quiet one costs some 40 bytes a second. */
const HEARTBEAT_MS = 10_000;
const BOOT_ID_BYTES = 16;

/** One node's part in the mesh: its links, what it knows of the other nodes, and packets to and from any of them. */
export class MeshNode implements PacketCarrier, LifeCycle {
  readonly nodeId: NodeId;
  readonly bootId: Uint8Array;
  readonly counters: MeshCounters = newCounters();
  /** When what was sent leaves. Channels over this node pack in the same turn, so that nothing waits for another one. */
  readonly turn: Turn;
  readonly #options: MeshNodeOptions;
  readonly #layer: LinkLayer;
  readonly #routes: RouteTable;
  readonly #forwarder: Forwarder;
  readonly #gossip: Gossip;
  readonly #own: OwnRecord;
  readonly #nodesListeners = new Set<() => void>();
  readonly #routeListeners = new Set<(node: NodeId) => void>();
  /** The link over which a node was reached when the listeners were told last. */
  readonly #ways = new Map<NodeId, Link>();
  #nodesChanged = false;
  #endMembership: (() => void) | undefined;

  constructor(options: MeshNodeOptions) {
    const { identity, meshSecret, clock, random, membership, heartbeatMs = HEARTBEAT_MS } = options;
    const { nodeId } = identity;
    const { counters } = this;
    this.#options = options;
    this.nodeId = nodeId;
    this.bootId = options.bootId ?? random.bytes(BOOT_ID_BYTES);
    this.turn = options.turn ?? new EventLoopTurn();
    const description = complete(options.description);
    const { name, softwareVersion } = description;
    this.#layer = new LinkLayer({
      ...options,
      own: { identity, bootId: this.bootId, name, softwareVersion, heartbeatMs },
      psk: meshSecret.linkPsk(),
      turn: this.turn,
      buffers: options.buffers ?? new BatchBuffers(),
      counters,
      events: {
        up: (link) => this.#linkUp(link),
        down: (link) => this.#linkDown(link),
        fellowshipChanged: (link) => (link.isFellow ? this.#linkUp(link) : this.#linkDown(link)),
        costChanged: () => this.#ownLinksChanged(),
        dialEnded: () => this.#tellNodesChanged(),
        packet: (link, headers, headerAt, payload, payloadAt, payloadBytes) =>
          this.#forwarder.packet(link, headers, headerAt, payload, payloadAt, payloadBytes),
        frame: (link, type, message) => {
          if (link.isFellow) this.#gossip.frame(link, type, message);
        },
      },
    });
    const { links } = this.#layer;
    this.#routes = new RouteTable({ nodeId, clock, random, links });
    this.#routes.onChange((node) => this.#routeChanged(node));
    this.#forwarder = new Forwarder({
      nodeId,
      clock,
      random,
      membership,
      links,
      routes: this.#routes,
      counters,
      relay: description.relays,
    });
    this.#gossip = new Gossip({
      nodeId,
      clock,
      random,
      membership,
      counters,
      readRecord: options.readRecord ?? readRecord,
      onRecord: (record) => this.#recordChanged(record),
      onForgotten: (node) => this.#recordForgotten(node),
      onOvertaken: (version) => {
        options.logger.warn("the mesh knows a later record of this node", { version: version.toString() });
        this.#own.overtake(version);
      },
    });
    this.#gossip.preload(readStoredRecords(options.records ?? [], options.logger));
    this.#own = new OwnRecord({
      identity,
      bootId: this.bootId,
      clock,
      description,
      version: highest(options.ownVersion ?? 0n, this.#gossip.records.get(nodeId)?.version ?? 0n),
      onPublished: (record) => this.#gossip.publish(record),
    });
    this.#layer.setAddresses(options.peers ?? []);
  }

  /** Resolves when the listener is bound. Rejects with StatusError FAILED_PRECONDITION where that cannot be. */
  async start(): Promise<void> {
    const { membership, listen } = this.#options;
    await this.#layer.start(listen);
    this.#endMembership = membership.onChange((node) => this.#membershipChanged(node));
    this.#gossip.start();
    this.#own.start();
  }

  async stop(): Promise<void> {
    this.#endMembership?.();
    this.#own.stop();
    const stopped = this.#layer.stop();
    this.#gossip.stop();
    this.#routes.stop();
    await stopped;
    this.#routes.stop();
  }

  /** Where it listens, with the port that was chosen; undefined: nowhere. */
  get listenAddress(): ListenAddress | undefined {
    return this.#layer.address;
  }

  send(destination: NodeId, parts: readonly Uint8Array[], options?: CarryOptions): CarryOutcome {
    let bytes = 0;
    for (const part of parts) bytes += part.length;
    if (bytes > MAX_PAYLOAD_BYTES) throw new RangeError(`a packet has ${MAX_PAYLOAD_BYTES} bytes at most`);
    const route = this.#routes.get(destination);
    const link = route?.link ?? this.#layer.links.get(destination);
    if (link === undefined) {
      const { membership } = this.#options;
      return membership.isMember(destination) ? "no-route" : "not-a-member";
    }
    const id = route?.idBytes ?? link.peerId;
    if (!link.send(PacketKind.CHANNEL, id, parts, options?.bulk === true)) return "queue-full";
    this.counters.sent++;
    return "queued";
  }

  receive(receiver: PacketReceiver): void {
    this.#forwarder.receiver = receiver;
  }

  isNeighbour(node: NodeId): boolean {
    return this.#layer.links.has(node);
  }

  isReachable(node: NodeId): boolean {
    return this.#routes.get(node) !== undefined || this.isNeighbour(node);
  }

  onRouteChange(listener: (node: NodeId) => void): () => void {
    this.#routeListeners.add(listener);
    return () => this.#routeListeners.delete(listener);
  }

  /** All nodes of which there is a record, this one among them, in no order. */
  nodes(): NodeView[] {
    const dialers = this.dialers();
    const { links } = this.#layer;
    return Array.from(this.#gossip.records.records(), (kept) =>
      viewNode(this.nodeId, kept, links, this.#routes, dialers),
    );
  }

  /** One of them. */
  node(id: NodeId): NodeView | undefined {
    const kept = this.#gossip.records.get(id);
    return kept && viewNode(this.nodeId, kept, this.#layer.links, this.#routes, this.dialers());
  }

  /** The links of this node, those with strangers among them. */
  neighbours(): NeighbourView[] {
    return viewNeighbours(this.#layer.links);
  }

  /** What becomes of the addresses that are dialled. */
  dialers(): DialerState[] {
    return this.#layer.dialers();
  }

  /** Handshakes that others have begun and not finished. */
  get pendingHandshakes(): number {
    return this.#layer.pendingHandshakes;
  }

  /** Calls back, once per turn, when `nodes`, `neighbours` or `dialers` say something else. Returns how to end that. */
  onNodesChange(listener: () => void): () => void {
    this.#nodesListeners.add(listener);
    return () => this.#nodesListeners.delete(listener);
  }

  /** Changes what this node says of itself. Published at most once a second, the latest state always in the end. */
  updateOwn(changed: Partial<Omit<OwnDescription, "relays">>): void {
    this.#own.update(changed);
  }

  /** Dials these addresses from now on. Links that stand live on until they end by themselves. */
  setPeers(addresses: readonly string[]): void {
    this.#layer.setAddresses(addresses);
  }

  /** Forgets a node that is away. It comes back when it does. */
  forgetNode(node: NodeId): void {
    if (node !== this.nodeId) this.#gossip.forget(node);
  }

  #linkUp(link: Link): void {
    this.#linksChanged(link);
    if (link.isFellow) this.#gossip.linkUp(link);
  }

  #linkDown(link: Link): void {
    this.#gossip.linkDown(link);
    this.#linksChanged(link);
  }

  #linksChanged(link: Link): void {
    this.#ownLinksChanged();
    this.#routes.linksChanged();
    // A neighbour can be spoken to from now on, or no more, whatever the routes to members will be.
    this.#routeChanged(link.nodeId);
  }

  #ownLinksChanged(): void {
    const fellows = this.#layer.links.fellows();
    this.#own.setLinks(new Map(fellows.map((link) => [link.nodeId, link.roundTrip.costUs])));
    this.#tellNodesChanged();
  }

  #routeChanged(node: NodeId): void {
    this.#tellNodesChanged();
    const way = this.#routes.get(node)?.link ?? this.#layer.links.get(node);
    // A neighbour's link is heard of first, and its route after that: for channels these are one and the same.
    if (way === this.#ways.get(node)) return;
    if (way === undefined) this.#ways.delete(node);
    else this.#ways.set(node, way);
    for (const listener of [...this.#routeListeners]) listener(node);
  }

  #recordChanged(record: KeptRecord): void {
    this.#routes.setNode(record.nodeId, { relays: record.record.relays, links: record.links });
    this.#tellNodesChanged();
    this.#options.onRecord?.(record);
  }

  #recordForgotten(node: NodeId): void {
    this.#routes.setNode(node, undefined);
    this.#tellNodesChanged();
    this.#options.onForgotten?.(node);
  }

  #membershipChanged(node: NodeId): void {
    this.#forwarder.membershipChanged();
    this.#gossip.membershipChanged(node);
    this.#layer.links.membershipChanged(node);
  }

  #tellNodesChanged(): void {
    if (this.#nodesChanged || this.#nodesListeners.size === 0) return;
    this.#nodesChanged = true;
    this.turn.soon(() => {
      this.#nodesChanged = false;
      for (const listener of [...this.#nodesListeners]) listener();
    });
  }
}

function complete(given: MeshNodeOptions["description"]): OwnDescription {
  const nothing = { labels: [], addresses: [], agents: [], models: [], tools: [], waiting: [] };
  return { ...nothing, relays: true, terminal: false, load: undefined, ...given };
}

function highest(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
