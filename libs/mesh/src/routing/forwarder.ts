import { KeyedRateLimit } from "@clawmatrix/bounded";
import type { Clock, Random } from "@clawmatrix/environment";
import { type NodeId, nodeIdFromBytes, nodeIdToBytes } from "@clawmatrix/identity";
import { PacketKind, Undeliverable, UndeliverableReason } from "@clawmatrix/protocol";
import type { Link } from "../link/link.ts";
import type { LinkSet } from "../link/link-set.ts";
import type { MembershipView } from "../membership-view.ts";
import type { MeshCounters } from "../mesh-counters.ts";
import { NodeMap } from "../packet/node-map.ts";
import {
  DESTINATION_AT,
  FLAG_BULK,
  FLAGS_AT,
  HOP_LIMIT_AT,
  KIND_AT,
  PACKET_VERSION,
  SOURCE_AT,
  sameId,
  VERSION_AT,
} from "../packet/packet-header.ts";
import type { PacketReceiver } from "../packet-carrier.ts";
import type { RouteTable } from "./route-table.ts";

export interface ForwarderOptions {
  /** This node. */
  readonly nodeId: NodeId;
  readonly clock: Clock;
  readonly random: Random;
  readonly membership: MembershipView;
  readonly links: Pick<LinkSet, "heard">;
  readonly routes: Pick<RouteTable, "find">;
  readonly counters: MeshCounters;
  /** Whether packets of other nodes are sent on. */
  readonly relay: boolean;
}

/** Notices to one source, per second and at once: enough for each of its channels to learn of a lost route. */
const NOTICES_PER_SECOND = 20;
const NOTICES_BURST = 20;
const NOTICE_SOURCES = 1_024;
/** Sources known to be members; at the bound they are all forgotten and looked up again. */
const MAX_KNOWN_SOURCES = 4_096;
const FRAME_TYPE_BYTES = 2;

/** Decides what becomes of each packet that comes over a link: for this node, for another one, or for nobody. */
export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #ownId: Uint8Array;
  readonly #notices: KeyedRateLimit;
  readonly #knownSources: NodeMap<true>;
  #receiver: PacketReceiver | undefined;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    const { clock, random } = options;
    this.#ownId = nodeIdToBytes(options.nodeId);
    this.#knownSources = new NodeMap(random);
    this.#notices = new KeyedRateLimit({
      clock,
      random,
      perSecond: NOTICES_PER_SECOND,
      burst: NOTICES_BURST,
      keys: NOTICE_SOURCES,
    });
  }

  set receiver(receiver: PacketReceiver) {
    this.#receiver = receiver;
  }

  /** Somebody's membership has changed. */
  membershipChanged(): void {
    this.#knownSources.clear();
  }

  /** A packet, where it lies (`PacketSink`). */
  packet(
    from: Link,
    headers: Buffer,
    headerAt: number,
    payload: Buffer,
    payloadAt: number,
    payloadBytes: number,
  ): void {
    const { links, routes, counters, relay } = this.#options;
    if (headers[headerAt + VERSION_AT] !== PACKET_VERSION) {
      counters.droppedUnknown++;
      return;
    }
    const { isFellow } = from;
    if (!isFellow) links.heard(from);
    const kind = headers[headerAt + KIND_AT] as number;
    if (sameId(headers, headerAt + DESTINATION_AT, this.#ownId)) {
      if (isFellow ? !this.#isMember(headers, headerAt + SOURCE_AT) : !isFrom(from, headers, headerAt)) {
        counters.droppedRefused++;
        return;
      }
      const view = payload.subarray(payloadAt, payloadAt + payloadBytes);
      this.#deliver(kind, nodeIdFromBytes(headers, headerAt + SOURCE_AT), view, isFellow);
      return;
    }
    if (!isFellow || !relay || !this.#isMember(headers, headerAt + SOURCE_AT)) {
      counters.droppedRefused++;
      this.#notify(from, kind, headers, headerAt, UndeliverableReason.REFUSED);
      return;
    }
    const hopLimit = (headers[headerAt + HOP_LIMIT_AT] as number) - 1;
    if (hopLimit <= 0) {
      counters.droppedHopLimit++;
      this.#notify(from, kind, headers, headerAt, UndeliverableReason.HOP_LIMIT);
      return;
    }
    const route = routes.find(headers, headerAt + DESTINATION_AT);
    // Where it came from it has no use: that node knows no better way, or a way that is being forgotten.
    if (route === undefined || route.link === from) {
      counters.droppedNoRoute++;
      this.#notify(from, kind, headers, headerAt, UndeliverableReason.NO_ROUTE);
      return;
    }
    const bulk = ((headers[headerAt + FLAGS_AT] as number) & FLAG_BULK) !== 0;
    if (route.link.forward(headers, headerAt, hopLimit, payload, payloadAt, payloadBytes, bulk)) {
      counters.forwarded++;
    } else {
      this.#notify(from, kind, headers, headerAt, UndeliverableReason.QUEUE_FULL);
    }
  }

  #deliver(kind: number, source: NodeId, payload: Buffer, isFellow: boolean): void {
    const { counters } = this.#options;
    if (kind === PacketKind.CHANNEL) {
      counters.received++;
      this.#receiver?.packet(source, payload);
    } else if (kind === PacketKind.NOTICE && isFellow) {
      this.#readNotice(payload);
    } else {
      counters.droppedUnknown++;
    }
  }

  #readNotice(payload: Buffer): void {
    const { counters } = this.#options;
    // It may come from far away, so what is wrong with it is not the neighbour's fault.
    try {
      if (payload.readUInt16BE(0) !== Undeliverable.number) return;
      const { destination, reason } = Undeliverable.decode(payload, FRAME_TYPE_BYTES);
      this.#receiver?.undeliverable(nodeIdFromBytes(destination), reason);
    } catch {
      counters.droppedUnknown++;
    }
  }

  /** Tells the source of a channel packet that it was dropped, if it has not been told too often. */
  #notify(from: Link, kind: number, headers: Buffer, headerAt: number, reason: UndeliverableReason): void {
    if (kind !== PacketKind.CHANNEL) return;
    const sourceAt = headerAt + SOURCE_AT;
    const { routes } = this.#options;
    const link = isFrom(from, headers, headerAt) ? from : routes.find(headers, sourceAt)?.link;
    if (link === undefined || (link !== from && !from.isFellow)) return;
    if (!this.#notices.take(nodeIdFromBytes(headers, sourceAt))) return;
    const destination = headers.subarray(headerAt + DESTINATION_AT, headerAt + SOURCE_AT);
    const type = Uint8Array.of(Undeliverable.number >> 8, Undeliverable.number & 0xff);
    const notice = Undeliverable.encode({ destination, reason });
    link.send(PacketKind.NOTICE, headers.subarray(sourceAt, sourceAt + 16), [type, notice], false);
  }

  #isMember(headers: Buffer, at: number): boolean {
    if (this.#knownSources.get(headers, at) === true) return true;
    if (!this.#options.membership.isMember(nodeIdFromBytes(headers, at))) return false;
    if (this.#knownSources.size >= MAX_KNOWN_SOURCES) this.#knownSources.clear();
    this.#knownSources.set(headers, true, at);
    return true;
  }
}

/** The packet's source is the node at the other end of the link. */
function isFrom(link: Link, headers: Buffer, headerAt: number): boolean {
  return sameId(headers, headerAt + SOURCE_AT, link.peerId);
}
