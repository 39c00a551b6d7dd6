import { KeyedRateLimit } from "@clawmatrix/bounded";
import type { Clock, LifeCycle, Logger, Random } from "@clawmatrix/environment";
import type { Identity, NodeId } from "@clawmatrix/identity";
import { ChannelCloseReason, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { MembershipView } from "../membership-view.ts";
import type { PacketCarrier } from "../packet-carrier.ts";
import { Channel } from "./channel.ts";
import { stopping, unreachable } from "./channel-errors.ts";
import type { LocalHello, PeerHello } from "./channel-handshake.ts";
import { ChannelOpening } from "./channel-opening.ts";
import {
  ChannelPacket,
  HANDSHAKE_1_HEADER_BYTES,
  HANDSHAKE_HEADER_BYTES,
  RESET_BYTES,
  readUint32,
  resetPacket,
  SEALED_HEADER_BYTES,
} from "./channel-packets.ts";
import { ChannelSeal, type ChannelSealOptions } from "./channel-seal.ts";
import { ChannelTable } from "./channel-table.ts";
import type { ChannelLimits } from "./channel-watch.ts";
import { HalfOpenChannels } from "./half-open-channels.ts";

export interface ChannelManagerOptions {
  readonly carrier: PacketCarrier;
  readonly identity: Identity;
  /** `MeshSecret.channelPsk()`. */
  readonly psk: Uint8Array;
  /** What this node says of itself. */
  readonly hello: LocalHello;
  readonly membership: Pick<MembershipView, "isMember" | "isRevoked" | "onChange">;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /**
   * Calls back at the end of this turn of the event loop: what was sent until then leaves together. Default:
   * `setImmediate`. On virtual time: `(callback) => clock.schedule(0, callback)`.
   */
  readonly endOfTurn?: (callback: () => void) => void;
  readonly limits?: Partial<ChannelLimits>;
}

const DEFAULT_LIMITS: ChannelLimits = { silenceMs: 90_000, idleMs: 10 * 60_000 };
/** Resets sent to one node: enough for all its channels after a restart, too few to be of use to a forger. */
const RESETS = { perSecond: 5, burst: 20, keys: 1024 };
/** Channels with one peer, those that are retired included. At the bound a handshake is refused. */
const MOST_CHANNELS_PER_PEER = 8;

/** All channels of one node. */
export class ChannelManager implements LifeCycle {
  readonly #options: ChannelManagerOptions;
  readonly #limits: ChannelLimits;
  readonly #endOfTurn: (callback: () => void) => void;
  readonly #table: ChannelTable;
  readonly #openings = new Map<NodeId, ChannelOpening>();
  readonly #halfOpen: HalfOpenChannels;
  readonly #resets: KeyedRateLimit;
  readonly #listeners = new Set<(channel: Channel) => void>();
  #takeBack: (() => void)[] = [];
  #state: "new" | "running" | "stopped" = "new";

  constructor(options: ChannelManagerOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#endOfTurn = options.endOfTurn ?? setImmediate;
    this.#table = new ChannelTable(options.carrier.nodeId);
    this.#halfOpen = new HalfOpenChannels({ ...options, newChannelId: () => this.#newChannelId() });
    this.#resets = new KeyedRateLimit({ clock: options.clock, random: options.random, ...RESETS });
  }

  async start(): Promise<void> {
    const { carrier, membership } = this.#options;
    this.#state = "running";
    carrier.receive({
      packet: (source, payload) => this.#packet(source, payload),
      undeliverable: (destination) => {
        for (const channel of this.#table.of(destination)) channel.suspectLoss();
      },
    });
    this.#takeBack = [
      carrier.onRouteChange((node) => {
        for (const channel of this.#table.of(node)) channel.routeChanged();
        this.#openings.get(node)?.routeChanged();
      }),
      membership.onChange((node) => this.#membershipChanged(node)),
    ];
  }

  async stop(): Promise<void> {
    this.#state = "stopped";
    for (const takeBack of this.#takeBack) takeBack();
    this.#takeBack = [];
    const error = stopping();
    for (const opening of [...this.#openings.values()]) opening.fail(error);
    for (const channel of [...this.#table.all()]) channel.close(error, ChannelCloseReason.STOPPING);
    this.#halfOpen.clear();
  }

  /** Calls back with every channel that was established, whichever side opened it. Returns how to end that. */
  onChannel(listener: (channel: Channel) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The channels there are now. */
  channels(): Iterable<Channel> {
    return this.#table.all();
  }

  /** Handshakes that are not finished, of either side. */
  get unfinished(): number {
    return this.#openings.size + this.#halfOpen.size;
  }

  /**
   * The channel to a node: the one that is there, or a new one. Rejects with StatusError: UNAVAILABLE
   * ("unreachable", "no-answer") or PERMISSION_DENIED ("not-a-member", "revoked").
   */
  channelTo(node: NodeId): Promise<Channel> {
    if (this.#state !== "running") return Promise.reject(stopping());
    const current = this.#current(node);
    if (current !== undefined) return Promise.resolve(current);
    const refusal = this.#refusal(node);
    if (refusal !== undefined) return Promise.reject(refusal);
    return this.#opening(node).channel;
  }

  #current(node: NodeId): Channel | undefined {
    return this.#table.of(node).find((channel) => !channel.isRetired && !channel.isDisowned);
  }

  #refusal(node: NodeId): StatusError | undefined {
    const { carrier, membership } = this.#options;
    if (node === carrier.nodeId) {
      return new StatusError(StatusCode.INVALID_ARGUMENT, "a node has no channel to itself", {
        reason: "self",
      });
    }
    if (membership.isRevoked(node)) {
      return new StatusError(StatusCode.PERMISSION_DENIED, `node ${node} was revoked`, { reason: "revoked" });
    }
    const neighbour = carrier.isNeighbour(node);
    if (!neighbour && !carrier.isReachable(node)) return unreachable(node);
    if (!neighbour && !membership.isMember(node)) {
      return new StatusError(StatusCode.PERMISSION_DENIED, `node ${node} is not a member of the mesh`, {
        reason: "not-a-member",
      });
    }
    return undefined;
  }

  #opening(node: NodeId): ChannelOpening {
    const known = this.#openings.get(node);
    if (known !== undefined) return known;
    const opening: ChannelOpening = new ChannelOpening({
      ...this.#options,
      peer: node,
      channelId: this.#newChannelId(),
      answering: () => this.#halfOpen.isAnswering(node),
      onOver: () => {
        if (this.#openings.get(node) === opening) this.#openings.delete(node);
      },
    });
    this.#openings.set(node, opening);
    // Nobody may be waiting: a channel that its peer has disowned is replaced unasked.
    opening.channel.catch(() => undefined);
    opening.start();
    return opening;
  }

  #packet(source: NodeId, payload: Uint8Array): void {
    const { length } = payload;
    if (this.#state !== "running" || length === 0 || source === this.#options.carrier.nodeId) return;
    const kind = payload[0];
    if (kind === ChannelPacket.SEALED) {
      if (length < SEALED_HEADER_BYTES) return;
      const id = readUint32(payload, 1);
      const channel = this.#table.get(id);
      if (channel?.peer === source) channel.packet(payload);
      else if (!this.#halfOpen.has(id)) this.#reset(source, id);
    } else if (kind === ChannelPacket.HANDSHAKE_1 && length > HANDSHAKE_1_HEADER_BYTES) {
      this.#first(source, Uint8Array.from(payload));
    } else if (kind === ChannelPacket.HANDSHAKE_2 && length > HANDSHAKE_HEADER_BYTES) {
      this.#second(source, Uint8Array.from(payload));
    } else if (kind === ChannelPacket.HANDSHAKE_3 && length > HANDSHAKE_HEADER_BYTES) {
      this.#third(source, Uint8Array.from(payload));
    } else if (kind === ChannelPacket.RESET && length >= RESET_BYTES) {
      this.#disowned(source, readUint32(payload, 1));
    }
  }

  #first(source: NodeId, packet: Uint8Array): void {
    // Both open at once: the one with the lower id goes on, the other one answers.
    if (this.#openings.has(source) && this.#options.carrier.nodeId < source) return;
    if (this.#refusal(source) !== undefined) return;
    if (this.#table.of(source).length >= MOST_CHANNELS_PER_PEER) return;
    this.#halfOpen.answer(source, packet);
  }

  #second(source: NodeId, packet: Uint8Array): void {
    const opening = this.#openings.get(source);
    const finished = opening?.answered(packet);
    if (opening === undefined || finished === undefined) return;
    const { hello, peerChannelId } = finished;
    const channel = this.#establish(hello, true, opening.channelId, peerChannelId, (segment) =>
      this.#newSeal({ peer: source, peerChannelId, keys: opening.finish(segment, channel) }),
    );
    opening.resolve(channel);
    this.#install(channel);
  }

  #third(source: NodeId, packet: Uint8Array): void {
    const id = readUint32(packet, 5);
    const known = this.#table.get(id);
    if (known?.peer === source) {
      known.confirmAgain();
      return;
    }
    if (!this.#halfOpen.has(id)) {
      this.#reset(source, id);
      return;
    }
    const finished = this.#halfOpen.finish(source, id, packet);
    if (finished === undefined || this.#refusal(source) !== undefined) return;
    const { hello, keys, segment } = finished;
    const peerChannelId = readUint32(packet, 1);
    const seal = this.#newSeal({ peer: source, peerChannelId, keys });
    const channel = this.#establish(hello, false, id, peerChannelId, () => seal);
    this.#install(channel);
    this.#openings.get(source)?.resolve(channel);
    if (segment.length > 0) channel.segment(segment);
  }

  #newSeal(options: Pick<ChannelSealOptions, "keys" | "peer" | "peerChannelId">): ChannelSeal {
    return new ChannelSeal({ ...options, local: this.#options.identity.nodeId, clock: this.#options.clock });
  }

  #establish(
    hello: PeerHello,
    initiator: boolean,
    localId: number,
    peerId: number,
    begin: (segment: Uint8Array | undefined) => ChannelSeal,
  ): Channel {
    const { carrier, clock, logger, membership } = this.#options;
    return new Channel({
      carrier,
      clock,
      logger,
      endOfTurn: this.#endOfTurn,
      limits: this.#limits,
      hello,
      initiator,
      localId,
      peerId,
      isMember: () => membership.isMember(hello.nodeId),
      begin,
    });
  }

  #install(channel: Channel): void {
    this.#table.add(channel);
    for (const listener of [...this.#listeners]) listener(channel);
  }

  #reset(source: NodeId, channelId: number): void {
    if (this.#resets.take(source)) this.#options.carrier.send(source, [resetPacket(channelId)]);
  }

  #disowned(source: NodeId, channelId: number): void {
    const channel = this.#table.of(source).find(({ peerId }) => peerId === channelId);
    if (channel === undefined || this.#refusal(source) !== undefined) return;
    // Not authenticated: only a new channel, which a forger cannot open, proves it.
    channel.isDisowned = true;
    const opening = this.#opening(source);
    opening.channel.catch(() => {
      channel.isDisowned = false;
    });
  }

  #membershipChanged(node: NodeId): void {
    const refusal = this.#refusal(node);
    if (refusal === undefined || refusal.code !== StatusCode.PERMISSION_DENIED) return;
    this.#openings.get(node)?.fail(refusal);
    for (const channel of this.#table.of(node)) {
      channel.close(refusal, ChannelCloseReason.NOT_A_MEMBER);
    }
  }

  #newChannelId(): number {
    for (;;) {
      const id = readUint32(this.#options.random.bytes(4), 0);
      if (id !== 0 && this.#table.get(id) === undefined && !this.#halfOpen.has(id)) return id;
    }
  }
}
