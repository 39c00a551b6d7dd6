import type { Clock, Timer } from "@clawmatrix/environment";
import { type NodeId, nodeIdToBytes } from "@clawmatrix/identity";
import { CloseCode } from "@clawmatrix/protocol";
import type { MembershipView } from "../membership-view.ts";
import type { Connection } from "../transport/transport.ts";
import type { Link } from "./link.ts";
import { HANDSHAKE_TIMEOUT_MS, type Refusal } from "./link-handshake.ts";
import type { PeerHello } from "./peer-hello.ts";

export interface LinkSetOptions {
  /** This node. */
  readonly nodeId: NodeId;
  readonly membership: MembershipView;
  readonly clock: Clock;
  readonly events: LinkSetEvents;
  /** Links in all. Default: 1,024, somewhat more than the largest mesh has nodes. */
  readonly maxLinks?: number;
  /** Links that nodes which are not members have made. Default: 32. */
  readonly maxStrangers?: number;
}

export interface LinkSetEvents {
  up(link: Link): void;
  down(link: Link, code: number, reason: string): void;
  /** The two ends of the link have become fellow members, or have ceased to be. */
  fellowshipChanged(link: Link): void;
}

const MAX_LINKS = 1_024;
/** 16 may wait for admission; as many more are being made or forgotten. */
const MAX_STRANGERS = 32;
/** A stranger's link on which nothing but heartbeats has come for this long is closed, in ms. */
const STRANGER_IDLE_MS = 10 * 60_000;
/** How often that is looked at, in ms. */
const STRANGER_CHECK_MS = 60_000;
const DUPLICATE_REASON = "another link between the two nodes is kept";

interface Entry {
  readonly link: Link;
  /** When the peer's last packet came, in monotonic ms. */
  heardAt: number;
}

/**
 * The links that stand, one per peer at most, and the rules by which a further one is taken or refused.
 *
 * Of two links between the same nodes both sides keep the same one, each by itself:
 * - if the peer was started anew since the link that stands was made, the new one;
 * - if both links were dialled by the same side: that side refuses its second one, so where the other side sees a
 *   second one arrive, the first is lost already, and the new one is kept;
 * - else the one that was dialled by the lower node id (by its bytes).
 */
export class LinkSet {
  readonly #options: LinkSetOptions;
  readonly #links = new Map<NodeId, Entry>();
  /** Dialled links whose other side has not shown yet that it has the keys. */
  readonly #unconfirmed = new Map<Link, Timer>();
  readonly #connections = new Set<Connection>();
  #strangerCheck: Timer | undefined;

  constructor(options: LinkSetOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#links.size;
  }

  has(node: NodeId): boolean {
    return this.#links.has(node);
  }

  get(node: NodeId): Link | undefined {
    return this.#links.get(node)?.link;
  }

  links(): Link[] {
    return Array.from(this.#links.values(), ({ link }) => link);
  }

  /** The links over which gossip and other nodes' packets may pass. */
  fellows(): Link[] {
    return this.links().filter(({ isFellow }) => isFellow);
  }

  /** A stranger has sent something that is not a heartbeat. */
  heard(link: Link): void {
    const entry = this.#links.get(link.nodeId);
    if (entry?.link === link) entry.heardAt = this.#options.clock.monotonic();
  }

  /** Remembers a connection until nothing of it is left, so that `whenClosed` can wait for it. */
  track(connection: Connection): void {
    this.#connections.add(connection);
    void connection.whenClosed.then(() => this.#connections.delete(connection));
  }

  /** Resolves when nothing of the connections made so far is left. */
  async whenClosed(): Promise<void> {
    await Promise.all(Array.from(this.#connections, ({ whenClosed }) => whenClosed));
  }

  /** Why a link with this peer is not wanted now; undefined: it is. */
  refusal(peer: PeerHello, dialled: boolean): Refusal | undefined {
    const { nodeId: self, membership, maxLinks = MAX_LINKS, maxStrangers = MAX_STRANGERS } = this.#options;
    if (peer.nodeId === self) return { code: CloseCode.SELF, reason: "this is the same node" };
    if (membership.isRevoked(peer.nodeId)) return { code: CloseCode.REVOKED, reason: "the node was revoked" };
    const standing = this.#links.get(peer.nodeId)?.link;
    if (standing !== undefined) {
      return this.#keepsNew(standing, peer, dialled)
        ? undefined
        : { code: CloseCode.DUPLICATE, reason: DUPLICATE_REASON };
    }
    if (this.#links.size >= maxLinks) return { code: CloseCode.RATE_LIMITED, reason: "too many links" };
    if (!dialled && !this.#isFellowship(peer.nodeId) && this.#strangers().length >= maxStrangers) {
      return { code: CloseCode.RATE_LIMITED, reason: "too many nodes that are not members" };
    }
    return undefined;
  }

  /** Takes a link whose handshake is finished. One that was dialled stands when the other side has confirmed it. */
  add(link: Link): void {
    if (!link.dialled) {
      this.#establish(link);
    } else {
      const timer = this.#options.clock.schedule(HANDSHAKE_TIMEOUT_MS, () =>
        link.close(CloseCode.HANDSHAKE_TIMEOUT, "the other side did not confirm the link"),
      );
      this.#unconfirmed.set(link, timer);
    }
    if (!link.isOver) link.start();
  }

  /** The other side has shown that it has the keys. */
  confirmed(link: Link): void {
    const timer = this.#unconfirmed.get(link);
    if (timer === undefined) return;
    timer.cancel();
    this.#unconfirmed.delete(link);
    this.#establish(link);
  }

  /** The link is over. */
  remove(link: Link, code: number, reason: string): void {
    this.#unconfirmed.get(link)?.cancel();
    this.#unconfirmed.delete(link);
    if (this.#links.get(link.nodeId)?.link !== link) return;
    this.#links.delete(link.nodeId);
    this.#options.events.down(link, code, reason);
  }

  /** The membership of a node, perhaps of this one, has changed. */
  membershipChanged(node: NodeId): void {
    const entries = node === this.#options.nodeId ? [...this.#links.values()] : [this.#links.get(node)];
    for (const entry of entries) {
      if (entry === undefined) continue;
      if (this.#options.membership.isRevoked(entry.link.nodeId)) {
        entry.link.closeAfterSending(CloseCode.REVOKED, "the node was revoked");
        continue;
      }
      const isFellow = this.#isFellowship(entry.link.nodeId);
      if (isFellow === entry.link.isFellow) continue;
      entry.link.isFellow = isFellow;
      this.#options.events.fellowshipChanged(entry.link);
    }
    this.#watchStrangers();
  }

  closeAll(code: number, reason: string): void {
    this.#strangerCheck?.cancel();
    this.#strangerCheck = undefined;
    for (const link of [...this.#unconfirmed.keys(), ...this.links()]) link.closeAfterSending(code, reason);
  }

  #establish(link: Link): void {
    // What was found when the peer became known may have changed since.
    const refusal = this.refusal(link.peer, link.dialled);
    if (refusal !== undefined) {
      link.close(refusal.code, refusal.reason);
      return;
    }
    const { events, clock } = this.#options;
    const replaced = this.get(link.nodeId);
    link.isFellow = this.#isFellowship(link.nodeId);
    this.#links.set(link.nodeId, { link, heardAt: clock.monotonic() });
    if (replaced !== undefined) {
      events.down(replaced, CloseCode.DUPLICATE, DUPLICATE_REASON);
      replaced.close(CloseCode.DUPLICATE, DUPLICATE_REASON);
    }
    events.up(link);
    this.#watchStrangers();
  }

  #keepsNew(standing: Link, peer: PeerHello, dialled: boolean): boolean {
    if (Buffer.compare(standing.peer.bootId, peer.bootId) !== 0) return true;
    if (standing.dialled === dialled) return !dialled;
    const own = nodeIdToBytes(this.#options.nodeId);
    const selfIsLower = Buffer.compare(own, nodeIdToBytes(peer.nodeId)) < 0;
    return selfIsLower === dialled;
  }

  #isFellowship(peer: NodeId): boolean {
    const { membership, nodeId } = this.#options;
    return membership.isMember(nodeId) && membership.isMember(peer);
  }

  #strangers(): Entry[] {
    return [...this.#links.values()].filter(({ link }) => !link.isFellow && !link.dialled);
  }

  #watchStrangers(): void {
    if (this.#strangerCheck !== undefined || this.#strangers().length === 0) return;
    const { clock } = this.#options;
    this.#strangerCheck = clock.schedule(STRANGER_CHECK_MS, () => {
      this.#strangerCheck = undefined;
      const oldest = clock.monotonic() - STRANGER_IDLE_MS;
      for (const { link, heardAt } of this.#strangers()) {
        if (heardAt < oldest) link.close(CloseCode.RATE_LIMITED, "not a member, and nothing was asked for");
      }
      this.#watchStrangers();
    });
  }
}
