import type { NodeId } from "@clawmatrix/identity";
import type { Channel } from "./channel.ts";
import { restarted } from "./channel-errors.ts";

/** The established channels of one node, by their local id and by their peer. One that ends leaves by itself. */
export class ChannelTable {
  readonly #self: NodeId;
  readonly #byId = new Map<number, Channel>();
  readonly #byPeer = new Map<NodeId, readonly Channel[]>();

  constructor(self: NodeId) {
    this.#self = self;
  }

  get(localId: number): Channel | undefined {
    return this.#byId.get(localId);
  }

  all(): Iterable<Channel> {
    return this.#byId.values();
  }

  /** The channels with one peer, the newest first. The list does not change. */
  of(peer: NodeId): readonly Channel[] {
    return this.#byPeer.get(peer) ?? [];
  }

  /** Adds a channel. Of those with the same peer, which are older, one at most is left for new calls. */
  add(channel: Channel): void {
    const { peer } = channel;
    const others = this.of(peer);
    this.#byId.set(channel.localId, channel);
    this.#byPeer.set(peer, [channel, ...others]);
    channel.onEnded(() => this.#remove(channel));
    for (const other of others) {
      const sameBoot = Buffer.compare(other.hello.bootId, channel.hello.bootId) === 0;
      if (!sameBoot || other.isDisowned) other.fail(restarted(peer, sameBoot));
      else (this.#isPreferred(other, channel) ? channel : other).retire();
    }
  }

  /** Of two channels between the same boots both sides keep the same: the one that the node with the lower id opened. */
  #isPreferred(older: Channel, newer: Channel): boolean {
    return older.initiator !== newer.initiator && older.initiator === this.#self < older.peer;
  }

  #remove(channel: Channel): void {
    this.#byId.delete(channel.localId);
    const left = this.of(channel.peer).filter((other) => other !== channel);
    if (left.length > 0) this.#byPeer.set(channel.peer, left);
    else this.#byPeer.delete(channel.peer);
  }
}
