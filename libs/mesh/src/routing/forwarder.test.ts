import { seededRandom, VirtualClock } from "@clawmatrix/environment";
import { Identity, type NodeId, nodeIdToBytes } from "@clawmatrix/identity";
import { PacketKind, Undeliverable, UndeliverableReason } from "@clawmatrix/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import type { Link } from "../link/link.ts";
import { newCounters } from "../mesh-counters.ts";
import { HEADER_BYTES } from "../packet/limits.ts";
import { HOP_LIMIT_AT, sameId, writeHeader } from "../packet/packet-header.ts";
import { ListedMembers } from "../test-nodes.ts";
import { Forwarder } from "./forwarder.ts";
import type { Route } from "./route-table.ts";

const random = seededRandom(21);
const [self, left, right, outsider] = Array.from({ length: 4 }, () => Identity.generate(random).nodeId) as [
  NodeId,
  NodeId,
  NodeId,
  NodeId,
];

/** A link that writes down what it is given. */
class RecordingLink {
  readonly peerId: Uint8Array;
  readonly forwarded: { hopLimit: number; bulk: boolean; payload: string }[] = [];
  readonly sent: { kind: number; parts: readonly Uint8Array[] }[] = [];
  isFellow = true;
  isFull = false;

  constructor(peer: NodeId) {
    this.peerId = nodeIdToBytes(peer);
  }

  forward(
    _h: Buffer,
    _at: number,
    hopLimit: number,
    payload: Buffer,
    at: number,
    bytes: number,
    bulk: boolean,
  ) {
    if (this.isFull) return false;
    this.forwarded.push({ hopLimit, bulk, payload: payload.toString("utf8", at, at + bytes) });
    return true;
  }

  send(kind: number, _destination: Uint8Array, parts: readonly Uint8Array[]): boolean {
    this.sent.push({ kind, parts });
    return true;
  }

  asLink(): Link {
    return this as unknown as Link;
  }
}

interface Sent {
  readonly source: NodeId;
  readonly destination: NodeId;
  readonly kind?: number;
  readonly flags?: number;
  readonly hopLimit?: number;
  readonly version?: number;
}

let from: RecordingLink;
let to: RecordingLink;
let members: ListedMembers;
let counters: ReturnType<typeof newCounters>;
let received: string[];

function forwarder(relay = true): Forwarder {
  const route = { link: to.asLink() } as Route;
  const find = (bytes: Uint8Array, at: number) => (sameId(bytes, at, to.peerId) ? route : undefined);
  const clock = new VirtualClock();
  const links = { heard: () => undefined };
  const options = { nodeId: self, clock, random, membership: members, links, counters, relay };
  const made = new Forwarder({ ...options, routes: { find } });
  made.receiver = {
    packet: (source, payload) => received.push(`${source}: ${Buffer.from(payload).toString()}`),
    undeliverable: (destination, reason) => received.push(`${destination} undeliverable ${reason}`),
  };
  return made;
}

/** Hands over a packet that lies somewhere in a batch. */
function give(to: Forwarder, { source, destination, kind = PacketKind.CHANNEL, ...rest }: Sent): void {
  const { flags = 0, hopLimit = 16, version = 1 } = rest;
  const headers = Buffer.alloc(3 + HEADER_BYTES);
  writeHeader(headers, 3, kind, flags, nodeIdToBytes(destination), nodeIdToBytes(source));
  headers[3] = version;
  headers[3 + HOP_LIMIT_AT] = hopLimit;
  to.packet(from.asLink(), headers, 3, Buffer.from("..payload.."), 2, 7);
}

/** What the source was told. */
function notices(): (number | undefined)[] {
  return from.sent.map(({ parts }) => Undeliverable.decode(parts[1] as Uint8Array).reason);
}

beforeEach(() => {
  from = new RecordingLink(left);
  to = new RecordingLink(right);
  members = new ListedMembers();
  for (const node of [self, left, right]) members.admit(node);
  counters = newCounters();
  received = [];
});

describe("a packet for another node", () => {
  it("goes on as it is, with a lower hop limit, of whatever kind and with whatever flags", () => {
    const relay = forwarder();
    give(relay, { source: left, destination: right });
    give(relay, { source: left, destination: right, kind: 200, flags: 0xff, hopLimit: 2 });
    expect(to.forwarded).toEqual([
      { hopLimit: 15, bulk: false, payload: "payload" },
      { hopLimit: 1, bulk: true, payload: "payload" },
    ]);
    expect(counters.forwarded).toBe(2);
  });

  it.each([0, 1])("goes no further with a hop limit of %i", (hopLimit) => {
    give(forwarder(), { source: left, destination: right, hopLimit });
    expect(to.forwarded).toEqual([]);
    expect(notices()).toEqual([UndeliverableReason.HOP_LIMIT]);
  });

  it("is refused over a stranger's link, also under a member's name", () => {
    from.isFellow = false;
    give(forwarder(), { source: left, destination: right });
    give(forwarder(), { source: right, destination: right });
    expect(to.forwarded).toEqual([]);
    expect(counters.droppedRefused).toBe(2);
    // Only who is at the other end is told, never the member whose name was used.
    expect(notices()).toEqual([UndeliverableReason.REFUSED]);
    expect(to.sent).toEqual([]);
  });

  it("is refused where its source is not a member, or is none any more", () => {
    const relay = forwarder();
    give(relay, { source: outsider, destination: right });
    expect(to.forwarded).toEqual([]);
    members.admit(outsider);
    give(relay, { source: outsider, destination: right });
    expect(to.forwarded).toHaveLength(1);
    members.revoke(outsider);
    relay.membershipChanged();
    give(relay, { source: outsider, destination: right });
    expect(to.forwarded).toHaveLength(1);
  });

  it("is refused by a node that does not relay", () => {
    give(forwarder(false), { source: left, destination: right });
    expect(notices()).toEqual([UndeliverableReason.REFUSED]);
  });

  it("is dropped where there is no route, or only the way back", () => {
    give(forwarder(), { source: left, destination: outsider });
    to = from;
    give(forwarder(), { source: right, destination: left });
    expect(counters.droppedNoRoute).toBe(2);
    expect(notices()).toEqual([UndeliverableReason.NO_ROUTE]);
  });

  it("is dropped where the next queue is full; its source is told, but not for ever", () => {
    to.isFull = true;
    const relay = forwarder();
    for (let i = 0; i < 1_000; i++) give(relay, { source: left, destination: right });
    expect(notices()).toEqual(new Array(20).fill(UndeliverableReason.QUEUE_FULL));
  });

  it("that is a notice itself is never answered by one", () => {
    give(forwarder(), { source: left, destination: outsider, kind: PacketKind.NOTICE });
    expect(from.sent).toEqual([]);
  });
});

describe("a packet for this node", () => {
  it("is handed over with its source", () => {
    give(forwarder(), { source: right, destination: self, hopLimit: 0 });
    expect(received).toEqual([`${right}: payload`]);
  });

  it("of a stranger is taken only over its own link, under its own name", () => {
    from = new RecordingLink(outsider);
    from.isFellow = false;
    give(forwarder(), { source: outsider, destination: self });
    give(forwarder(), { source: left, destination: self });
    expect(received).toEqual([`${outsider}: payload`]);
    from.isFellow = true;
    give(forwarder(), { source: outsider, destination: self });
    expect(received).toHaveLength(1);
  });

  it("of a kind or version that it does not know is ignored", () => {
    give(forwarder(), { source: left, destination: self, kind: 77 });
    give(forwarder(), { source: left, destination: self, version: 2 });
    give(forwarder(), { source: left, destination: self, kind: PacketKind.NOTICE });
    expect(received).toEqual([]);
    expect(counters.droppedUnknown).toBe(2);
  });
});
