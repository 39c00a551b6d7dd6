import { MeshSecret, type NodeId, nodeIdToBytes } from "@clawmatrix/identity";
import { CloseCode } from "@clawmatrix/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MeshNode } from "../mesh-node.ts";
import { TestMesh, text } from "../test-nodes.ts";
import type { Connection } from "../transport/transport.ts";

let mesh: TestMesh;

beforeEach(() => {
  mesh = new TestMesh();
});

afterEach(() => mesh.stopAll());

function linked(one: MeshNode, other: MeshNode): boolean {
  return one.isNeighbour(other.nodeId) && other.isNeighbour(one.nodeId);
}

/** A connection of no node; what it is told is kept. */
function plainConnection(target: string): { connection: Connection; closes: number[]; messages: number } {
  const connection = mesh.network.transport("somebody").dial(mesh.address(target));
  const plain = { connection, closes: [] as number[], messages: 0 };
  connection.receive({
    message: () => {
      plain.messages++;
    },
    closed: (code) => plain.closes.push(code),
  });
  return plain;
}

describe("a link", () => {
  it("comes up between two nodes of one mesh, and again after it was cut", async () => {
    const a = await mesh.add("a");
    const b = await mesh.add("b", { peers: ["a"] });
    mesh.until("the link", () => linked(a, b));
    mesh.network.cut("a", "b");
    mesh.until("both have noticed", () => !linked(a, b));
    mesh.until("the link again", () => linked(a, b), 5_000);
    expect(b.counters.linksUp).toBe(2);
  });

  it("does not come up with another mesh secret, and is tried again only slowly", async () => {
    const a = await mesh.add("a");
    const { clock } = mesh;
    const meshSecret = MeshSecret.fromBytes(Buffer.alloc(32, 9));
    const b = await mesh.add("b", { peers: ["a"], meshSecret });
    clock.advance(60_000);
    expect(linked(a, b)).toBe(false);
    expect(a.neighbours()).toEqual([]);
    expect(b.dialers()).toMatchObject([{ state: "waiting", code: CloseCode.HANDSHAKE_FAILED }]);
    // The first two might have been damaged on the way.
    expect(a.counters.handshakesFailed).toBe(3);
    clock.advance(6 * 60_000);
    expect(a.counters.handshakesFailed).toBe(4);
  });

  it("to the node itself is recognised, and tried again only slowly", async () => {
    const a = await mesh.add("a", { peers: ["a"] });
    mesh.clock.advance(30_000);
    expect(a.neighbours()).toEqual([]);
    expect(a.dialers()).toMatchObject([{ state: "waiting", code: CloseCode.SELF, node: a.nodeId }]);
    expect(a.counters.handshakesFailed).toBe(2);
  });

  it("is kept once where both dial each other at once, and both keep the same one", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const each = new TestMesh({
        seed,
        conditions: { delayMs: (_from, _to, random) => 1 + Math.floor(random.fraction() * 20) },
      });
      const a = await each.add("a", { peers: ["b"] });
      const b = await each.add("b", { peers: ["a"] });
      each.clock.advance(30_000);
      expect(linked(a, b)).toBe(true);
      expect(each.network.connections).toBe(1);
      expect(a.neighbours()[0]?.dialled).not.toBe(b.neighbours()[0]?.dialled);
      const dialler = [a, b].find((node) => node.neighbours()[0]?.dialled);
      expect(dialler?.nodeId).toBe([a, b].map(({ nodeId }) => nodeId).sort(byBytes)[0]);
      expect(a.send(b.nodeId, text("it works"))).toBe("queued");
      each.until("the packet", () => each.texts("b").length === 1);
      const up = a.counters.linksUp + b.counters.linksUp;
      each.clock.advance(10 * 60_000);
      // Who was refused waits for the link to end: nobody goes on dialling what there is.
      expect(a.counters.linksUp + b.counters.linksUp).toBe(up);
      await each.stopAll();
    }
  });

  it("of a node that was started anew takes the place of the one that it has lost", async () => {
    const a = await mesh.add("a");
    const identity = mesh.identity();
    const b = await mesh.add("b", { identity, peers: ["a"] });
    mesh.until("the link", () => linked(a, b));
    mesh.network.silence("a", "b");
    await mesh.stop("b");
    expect(a.isNeighbour(b.nodeId)).toBe(true);
    const again = await mesh.add("b", { identity, peers: ["a"] });
    mesh.until("the new link", () => again.isNeighbour(a.nodeId), 2_000);
    expect(a.neighbours()).toHaveLength(1);
    expect(a.send(again.nodeId, text("hello again"))).toBe("queued");
    mesh.until("the packet", () => mesh.texts("b").length === 1);
  });

  it("that stays open and says nothing is closed after three heartbeats", async () => {
    const a = await mesh.add("a", { heartbeatMs: 1_000 });
    const b = await mesh.add("b", { heartbeatMs: 1_000, peers: ["a"] });
    mesh.until("the link", () => linked(a, b));
    mesh.clock.advance(60_000);
    expect(a.counters.linksDown).toBe(0);
    mesh.network.silence("a", "b");
    mesh.clock.advance(2_000);
    expect(linked(a, b)).toBe(true);
    mesh.clock.advance(2_500);
    expect(a.counters.linksDown).toBe(1);
    mesh.until("a link again", () => linked(a, b), 5_000);
  });

  it("is closed when a sealed byte of a batch is changed on the way, and comes up again", async () => {
    const damage = { now: false };
    mesh = new TestMesh({
      conditions: {
        corrupt: (_from, _to, message) => {
          if (damage.now) message[5]! ^= 1;
          damage.now = false;
          return message;
        },
      },
    });
    const a = await mesh.add("a");
    const b = await mesh.add("b", { peers: ["a"] });
    mesh.until("the link", () => linked(a, b));
    mesh.clock.advance(1_000);
    damage.now = true;
    a.send(b.nodeId, text("damaged"));
    mesh.until("the link has ended", () => !linked(a, b));
    expect(b.counters.badMessages).toBe(1);
    expect(mesh.texts("b")).toEqual([]);
    mesh.until("the link again", () => linked(a, b), 5_000);
  });

  it("tells a neighbour that stops, which comes back as soon as it is there again", async () => {
    const a = await mesh.add("a");
    const identity = mesh.identity();
    const b = await mesh.add("b", { identity });
    await mesh.add("c", { peers: ["a", "b"] });
    const c = mesh.node("c");
    mesh.until("the links", () => linked(a, c) && linked(b, c));
    await mesh.stop("b");
    expect(c.dialers().find(({ address }) => address.includes("//b:"))).toMatchObject({
      state: "waiting",
      code: CloseCode.STOPPING,
    });
    const again = await mesh.add("b", { identity });
    mesh.until("the link", () => linked(again, c), 5_000);
  });

  it("is not kept with a node that was revoked, nor made again", async () => {
    const a = await mesh.add("a");
    const b = await mesh.add("b", { peers: ["a"] });
    mesh.until("the link", () => linked(a, b));
    mesh.members.revoke(b.nodeId);
    mesh.clock.advance(60_000);
    expect(a.neighbours()).toEqual([]);
    expect(b.neighbours()).toEqual([]);
    expect(b.dialers()).toMatchObject([{ state: "waiting", code: CloseCode.REVOKED }]);
    expect(a.node(b.nodeId)).toBeUndefined();
  });

  it("is not made with a node that was revoked before it came", async () => {
    const a = await mesh.add("a");
    const b = await mesh.add("b");
    mesh.members.revoke(b.nodeId);
    b.setPeers(["memory://a:7000"]);
    mesh.clock.advance(1_000);
    expect(a.neighbours()).toEqual([]);
    expect(b.dialers()).toMatchObject([{ state: "waiting", code: CloseCode.REVOKED }]);
  });
});

describe("limits on those who have proved nothing", () => {
  it("hold with 1,000 connections that never finish the handshake, while others still get in", async () => {
    const a = await mesh.add("a", { limits: { burst: 2_000, handshakesPerAddress: 2_000 } });
    const plain = Array.from({ length: 1_000 }, () => plainConnection("a"));
    mesh.clock.advance(100);
    expect(a.pendingHandshakes).toBe(64);
    const b = await mesh.add("b", { peers: ["a"] });
    mesh.until("a link of somebody honest", () => linked(a, b), 1_000);
    expect(a.pendingHandshakes).toBe(63);
    mesh.clock.advance(11_000);
    expect(a.pendingHandshakes).toBe(0);
    const codes = plain.map(({ closes }) => closes[0]);
    expect(codes.filter((code) => code === CloseCode.RATE_LIMITED)).toHaveLength(937);
    expect(codes.filter((code) => code === CloseCode.HANDSHAKE_TIMEOUT)).toHaveLength(63);
  });

  it("refuse many connections from one address", async () => {
    const a = await mesh.add("a");
    const plain = Array.from({ length: 200 }, () => plainConnection("a"));
    mesh.clock.advance(100);
    expect(a.pendingHandshakes).toBe(32);
    expect(plain.filter(({ closes }) => closes[0] === CloseCode.RATE_LIMITED)).toHaveLength(168);
  });

  it("close a connection that begins with rubbish", async () => {
    await mesh.add("a");
    for (const bytes of [new Uint8Array(0), new Uint8Array(31), Buffer.alloc(32), Buffer.alloc(65_600, 1)]) {
      const plain = plainConnection("a");
      mesh.clock.advance(5);
      plain.connection.send(bytes);
      mesh.until("an end", () => plain.closes.length > 0, 1_000);
      expect(plain.closes).toEqual([CloseCode.HANDSHAKE_FAILED]);
    }
  });
});

describe("what waits for a link", () => {
  it("is bounded: bulk is dropped before what is interactive, and all of it is counted", async () => {
    const a = await mesh.add("a");
    const b = await mesh.add("b", { peers: ["a"] });
    mesh.until("the link", () => linked(a, b));
    mesh.clock.advance(1_000);
    const payload = [Buffer.alloc(64 * 1024)];
    const bulk = Array.from({ length: 100 }, () => a.send(b.nodeId, payload, { bulk: true }));
    expect(bulk.filter((outcome) => outcome === "queue-full").length).toBeGreaterThan(20);
    const interactive = Array.from({ length: 60 }, () => a.send(b.nodeId, payload));
    expect(interactive.every((outcome) => outcome === "queued")).toBe(true);
    expect(a.send(b.nodeId, payload, { bulk: true })).toBe("queue-full");
    const dropped = a.counters.droppedQueueFull;
    mesh.until("the rest has come", () => mesh.texts("b").length === 161 - dropped, 5_000);
    expect(a.neighbours()[0]?.queuedBytes).toBe(0);
  });
});

function byBytes(one: NodeId, other: NodeId): number {
  return Buffer.compare(nodeIdToBytes(one), nodeIdToBytes(other));
}
