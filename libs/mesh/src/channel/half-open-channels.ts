import { KeyedRateLimit } from "@clawmatrix/bounded";
import type { Clock, Logger, Random, Timer } from "@clawmatrix/environment";
import type { Identity, NodeId, SessionKeys } from "@clawmatrix/identity";
import { StatusError } from "@clawmatrix/protocol";
import type { PacketCarrier } from "../packet-carrier.ts";
import { ChannelHandshake, type LocalHello, type PeerHello } from "./channel-handshake.ts";
import { HANDSHAKE_1_HEADER_BYTES, readUint32 } from "./channel-packets.ts";

export interface HalfOpenChannelsOptions {
  readonly carrier: PacketCarrier;
  readonly identity: Identity;
  readonly psk: Uint8Array;
  readonly hello: LocalHello;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly newChannelId: () => number;
}

interface HalfOpen {
  readonly peer: NodeId;
  readonly initiatorId: number;
  /** The Noise message that began it, and the packet that answered: the same one is answered in the same way. */
  readonly first: Uint8Array;
  readonly second: Uint8Array;
  readonly handshake: ChannelHandshake;
  readonly timer: Timer;
  /** Monotonic milliseconds of its begin. */
  readonly since: number;
}

/** A handshake that the initiator does not finish is forgotten after this time. */
const HALF_OPEN_MS = 15_000;
/** How long an answered handshake is likely to be finished; after that this side goes on with its own. */
const FRESH_MS = 3_000;
/** Handshakes being answered, in all and of one node. At the bound new ones are dropped; their initiators try again. */
const MOST_HALF_OPEN = 512;
const MOST_HALF_OPEN_PER_PEER = 4;
/** New handshakes answered for one node: each costs about a millisecond. */
const ANSWERS = { perSecond: 2, burst: 16, keys: 1024 };

/** The handshakes that other nodes have begun with this one. */
export class HalfOpenChannels {
  readonly #options: HalfOpenChannelsOptions;
  /** By this side's channel id. */
  readonly #halfOpen = new Map<number, HalfOpen>();
  readonly #byPeer = new Map<NodeId, number[]>();
  readonly #answers: KeyedRateLimit;

  constructor(options: HalfOpenChannelsOptions) {
    this.#options = options;
    this.#answers = new KeyedRateLimit({ clock: options.clock, random: options.random, ...ANSWERS });
  }

  get size(): number {
    return this.#halfOpen.size;
  }

  has(channelId: number): boolean {
    return this.#halfOpen.has(channelId);
  }

  /** Whether a handshake of this node is being answered that it may still be about to finish. */
  isAnswering(peer: NodeId): boolean {
    const now = this.#options.clock.monotonic();
    const ids = this.#byPeer.get(peer) ?? [];
    return ids.some((id) => now - (this.#halfOpen.get(id)?.since ?? 0) < FRESH_MS);
  }

  /** Answers an initiator's first packet; one that was answered before in the same way. */
  answer(peer: NodeId, packet: Uint8Array): void {
    const { carrier, clock, logger } = this.#options;
    const initiatorId = readUint32(packet, 1);
    const ids = this.#byPeer.get(peer) ?? [];
    const first = packet.subarray(HANDSHAKE_1_HEADER_BYTES);
    for (const id of ids) {
      const known = this.#halfOpen.get(id);
      if (known?.initiatorId === initiatorId && Buffer.compare(known.first, first) === 0) {
        carrier.send(peer, [known.second]);
        return;
      }
    }
    if (this.#halfOpen.size >= MOST_HALF_OPEN || !this.#answers.take(peer)) return;
    const handshake = new ChannelHandshake({ role: "responder", peer, ...this.#options });
    const id = this.#options.newChannelId();
    let second: Uint8Array;
    try {
      handshake.readFirst(packet);
      second = handshake.writeSecond(initiatorId, id);
    } catch (thrown) {
      logger.debug("a handshake was refused", { peer, error: StatusError.from(thrown).message });
      return;
    }
    // Of one node the oldest gives way: its newest attempt is the one that it still waits for.
    if (ids.length >= MOST_HALF_OPEN_PER_PEER) this.#forget(ids[0] as number);
    const timer = clock.schedule(HALF_OPEN_MS, () => this.#forget(id));
    const since = clock.monotonic();
    this.#halfOpen.set(id, {
      peer,
      initiatorId,
      first: Uint8Array.from(first),
      second,
      handshake,
      timer,
      since,
    });
    this.#byPeer.set(peer, [...(this.#byPeer.get(peer) ?? []), id]);
    carrier.send(peer, [second]);
  }

  /** Takes an initiator's last packet. Undefined: it does not belong to the handshake, which is over then. */
  finish(
    peer: NodeId,
    channelId: number,
    packet: Uint8Array,
  ): { hello: PeerHello; segment: Uint8Array; keys: SessionKeys } | undefined {
    const known = this.#halfOpen.get(channelId);
    if (known?.peer !== peer || known.initiatorId !== readUint32(packet, 1)) return undefined;
    this.#forget(channelId);
    try {
      return known.handshake.readThird(packet);
    } catch (thrown) {
      this.#options.logger.warn("a handshake was refused", { peer, error: StatusError.from(thrown).message });
      return undefined;
    }
  }

  clear(): void {
    for (const id of [...this.#halfOpen.keys()]) this.#forget(id);
  }

  #forget(channelId: number): void {
    const known = this.#halfOpen.get(channelId);
    if (known === undefined) return;
    known.timer.cancel();
    this.#halfOpen.delete(channelId);
    const left = (this.#byPeer.get(known.peer) ?? []).filter((id) => id !== channelId);
    if (left.length > 0) this.#byPeer.set(known.peer, left);
    else this.#byPeer.delete(known.peer);
  }
}
