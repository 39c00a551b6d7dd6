import type { NodeId } from "@clawmatrix/identity";
import type { NodeRecord } from "@clawmatrix/protocol";
import type { KeptRecord } from "./gossip/signed-record.ts";
import type { DialerState } from "./link/dialer.ts";
import type { LinkSet } from "./link/link-set.ts";
import type { RouteTable } from "./routing/route-table.ts";

/** A node of the mesh, as this node sees it. */
export interface NodeView {
  readonly id: NodeId;
  readonly record: NodeRecord;
  /** The record as it is signed. */
  readonly kept: KeptRecord;
  readonly reach: "self" | "direct" | "relayed" | "unreachable";
  /** The next hop; undefined for this node itself, and for what cannot be reached. */
  readonly via: NodeId | undefined;
  /** Links on the way: 0 for this node itself, and for what cannot be reached. */
  readonly hops: number;
  /** Round-trip time in ms: measured where direct, otherwise the sum of what the links report; undefined: not known. */
  readonly rttMs: number | undefined;
  /** Why it cannot be reached, in a sentence; empty if it can. */
  readonly why: string;
}

/** A link of this node. */
export interface NeighbourView {
  readonly id: NodeId;
  readonly name: string;
  readonly softwareVersion: string;
  /** Where the other side is, as the connection sees it. */
  readonly address: string;
  /** This side dialled. */
  readonly dialled: boolean;
  /** Both ends are members. */
  readonly isFellow: boolean;
  /** Smoothed, in ms; undefined before the first measurement. */
  readonly rttMs: number | undefined;
  /** Bytes that wait to be sent. */
  readonly queuedBytes: number;
  /** When the link came up, in monotonic ms of the mesh's clock. */
  readonly since: number;
}

/** What a relay's work adds to the cost of a link, as `RoundTrip` counts it, in µs. */
const HOP_COST_US = 1_000;

export function viewNode(
  self: NodeId,
  kept: KeptRecord,
  links: LinkSet,
  routes: RouteTable,
  dialers: readonly DialerState[],
): NodeView {
  const { nodeId: id, record } = kept;
  const base = { id, record, kept };
  if (id === self) return { ...base, reach: "self", via: undefined, hops: 0, rttMs: 0, why: "" };
  const route = routes.get(id);
  if (route === undefined) {
    const why = whyUnreachable(kept, links, dialers);
    return { ...base, reach: "unreachable", via: undefined, hops: 0, rttMs: undefined, why };
  }
  const isDirect = route.hops === 1;
  const rttMs = isDirect ? route.link.roundTrip.ms : (route.costUs - route.hops * HOP_COST_US) / 1_000;
  const { next: via, hops } = route;
  return { ...base, reach: isDirect ? "direct" : "relayed", via, hops, rttMs, why: "" };
}

export function viewNeighbours(links: LinkSet): NeighbourView[] {
  return links.links().map((link) => ({
    id: link.nodeId,
    name: link.peer.name,
    softwareVersion: link.peer.softwareVersion,
    address: link.remoteAddress,
    dialled: link.dialled,
    isFellow: link.isFellow,
    rttMs: link.roundTrip.ms,
    queuedBytes: link.queuedBytes,
    since: link.since,
  }));
}

function whyUnreachable(kept: KeptRecord, links: LinkSet, dialers: readonly DialerState[]): string {
  const dialer = dialers.find(({ node, reason }) => node === kept.nodeId && reason !== "");
  if (dialer !== undefined) return `the link to ${dialer.address} ended: ${dialer.reason}`;
  if (links.fellows().length === 0) {
    const failed = dialers.find(({ reason }) => reason !== "");
    return failed === undefined
      ? "this node has no link"
      : `this node has no link; ${failed.address}: ${failed.reason}`;
  }
  if (kept.record.links.length === 0) return "it has no link, or was cut off before it could say so";
  return "no chain of links that both ends report, over nodes that relay, leads to it";
}
