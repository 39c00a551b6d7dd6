import { SignedEntry, SignedRecord } from "@clawmatrix/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ListedMembers, TestMesh } from "../test-nodes.ts";
import { type KeptRecord, readRecord } from "./signed-record.ts";

let mesh: TestMesh;

beforeEach(() => {
  mesh = new TestMesh();
});

afterEach(() => mesh.stopAll());

/** Nodes in a line, and the last one linked with the first. */
async function ring(size: number): Promise<void> {
  for (let i = 0; i < size; i++) await mesh.add(`n${i}`, { peers: [i === 0 ? `n${size - 1}` : `n${i - 1}`] });
  mesh.until("all know all", () => names("n0").length === size && names(`n${size >> 1}`).length === size);
  mesh.clock.advance(3_000);
}

function names(at: string): string[] {
  return mesh
    .node(at)
    .nodes()
    .map(({ record }) => record.name);
}

describe("records", () => {
  it("that change are known everywhere soon, each version taken once", async () => {
    await ring(8);
    const before = Array.from({ length: 8 }, (_, i) => mesh.node(`n${i}`).counters.recordsReceived);
    mesh.node("n0").updateOwn({ agents: [{ id: "coder", description: "writes code" }] });
    const knows = (i: number) =>
      mesh.node(`n${i}`).node(mesh.node("n0").nodeId)?.record.agents[0]?.id === "coder";
    mesh.until("all know", () => Array.from({ length: 8 }, (_, i) => knows(i)).every(Boolean), 1_000);
    mesh.clock.advance(1_000);
    const received = Array.from(
      { length: 8 },
      (_, i) => mesh.node(`n${i}`).counters.recordsReceived - before[i]!,
    );
    // Both ways around the ring: where they meet, the record comes twice at most.
    expect(received.reduce((sum, n) => sum + n)).toBeLessThanOrEqual(9);
  });

  it("that are known already are neither decoded nor verified", async () => {
    let read = 0;
    for (const name of ["a", "b", "c"])
      await mesh.add(name, { peers: ["a", "b", "c"].filter((x) => x < name) });
    const all = await mesh.add("d", {
      peers: ["a", "b", "c"],
      readRecord: (signed) => {
        read++;
        return readRecord(signed);
      },
    });
    for (let i = 0; i < 10; i++) {
      mesh.node("a").updateOwn({ labels: [`${i}`] });
      mesh.clock.advance(1_500);
    }
    const { recordsReceived, recordsKnown } = all.counters;
    expect(recordsKnown).toBeGreaterThan(10);
    expect(read).toBe(recordsReceived - recordsKnown);
  });

  it("are published once a second at most, the last state always", async () => {
    const versions: KeptRecord[] = [];
    const a = await mesh.add("a", { onRecord: (record) => versions.push(record) });
    mesh.clock.advance(5_000);
    const before = versions.length;
    for (let i = 0; i < 100; i++) {
      a.updateOwn({ load: { cpuPercent: i, memoryPercent: 0 } });
      mesh.clock.advance(50);
    }
    mesh.clock.advance(2_000);
    expect(versions.length - before).toBeLessThanOrEqual(7);
    expect(versions.at(-1)?.record.load?.cpuPercent).toBe(99);
  });

  it("tell of a node that starts with its first link, never without", async () => {
    const a = await mesh.add("a");
    const b = await mesh.add("b", { peers: ["a"] });
    const seen: number[] = [];
    a.onNodesChange(() => {
      const node = a.node(b.nodeId);
      if (node !== undefined) seen.push(node.record.links.length);
    });
    mesh.until("b's record", () => seen.length > 0);
    mesh.clock.advance(1_000);
    expect(Math.min(...seen)).toBe(1);
  });

  it("have rising versions over restarts, by what was stored and by what others know", async () => {
    await mesh.add("b");
    const identity = mesh.identity();
    const stored: KeptRecord[] = [];
    const a = await mesh.add("a", { identity, peers: ["b"], onRecord: (record) => stored.push(record) });
    mesh.until("known", () => names("b").length === 2);
    mesh.clock.advance(2_000);
    const last = mesh.node("b").node(a.nodeId)?.record.version as bigint;
    await mesh.stop("a");
    await mesh.add("a", { identity, peers: ["b"], records: stored.map(({ bytes }) => bytes) });
    expect(mesh.node("a").node(a.nodeId)?.record.version).toBe(last + 1n);
    await mesh.stop("a");
    // Its store is lost: it begins at 1 again, and learns from the mesh that it was further.
    const restarted = await mesh.add("a", { identity, peers: ["b"] });
    mesh.until(
      "the new boot is known",
      () =>
        Buffer.compare(mesh.node("b").node(a.nodeId)?.record.bootId ?? Buffer.alloc(0), restarted.bootId) ===
        0,
    );
  });

  it("that were stored show nodes that are away", async () => {
    const stored: KeptRecord[] = [];
    const a = await mesh.add("a", { onRecord: (record) => stored.push(record) });
    const b = await mesh.add("b", { peers: ["a"] });
    mesh.until("known", () => names("a").length === 2);
    await mesh.stop("a");
    await mesh.stop("b");
    const again = await mesh.add("again", {
      records: [...stored.map(({ bytes }) => bytes), Buffer.from("rubbish")],
    });
    expect(again.node(b.nodeId)).toMatchObject({ reach: "unreachable", why: "this node has no link" });
    again.forgetNode(a.nodeId);
    expect(again.node(a.nodeId)).toBeUndefined();
  });

  it("carry offers that are too large for them as a hash", async () => {
    const a = await mesh.add("a");
    const b = await mesh.add("b", { peers: ["a"] });
    const agents = Array.from({ length: 500 }, (_, i) => ({
      id: `agent-${i}`,
      description: "x".repeat(100),
    }));
    a.updateOwn({ agents });
    mesh.until("the hash", () => b.node(a.nodeId)?.record.offersDigest.length === 32);
    expect(b.node(a.nodeId)?.record.agents).toEqual([]);
  });

  it("of a node whose admission is not known yet are taken when it is", async () => {
    const late = new ListedMembers();
    const a = await mesh.add("a");
    const b = await mesh.add("b", { peers: ["a"] });
    const c = await mesh.add("c", { peers: ["b"], membership: late });
    mesh.members.admit(c.nodeId);
    for (const { nodeId } of [b, c]) late.admit(nodeId);
    mesh.until("b's record", () => c.node(b.nodeId) !== undefined);
    mesh.clock.advance(5_000);
    expect(c.node(a.nodeId)).toBeUndefined();
    late.admit(a.nodeId);
    mesh.until("a's record", () => c.node(a.nodeId) !== undefined, 3_000);
  });

  it("with a forged signature end the link that brought them", async () => {
    const members = new ListedMembers();
    const a = await mesh.add("a");
    const stored = SignedRecord.decode(a.node(a.nodeId)?.kept.bytes as Uint8Array);
    const forged = SignedRecord.encode({ record: stored.record, signature: Buffer.alloc(64, 1) });
    const b = await mesh.add("b");
    const liar = await mesh.add("liar", { peers: ["b"], membership: members, records: [forged] });
    // What a node has stored it has verified; this one has not, and passes it on.
    for (const { nodeId } of [a, b, liar]) members.admit(nodeId);
    mesh.members.admit(liar.nodeId);
    await mesh.stop("liar");
    await mesh.add("liar", {
      peers: ["b"],
      membership: members,
      records: [forged],
      identity: mesh.identity(),
    });
    for (const { nodeId } of [mesh.node("liar")]) {
      members.admit(nodeId);
      mesh.members.admit(nodeId);
    }
    mesh.until("an end of the link", () => b.counters.badMessages > 0, 5_000);
    expect(b.node(a.nodeId)).toBeUndefined();
  });
});

it("membership entries reach every node, each over each link once", async () => {
  const views = Array.from({ length: 4 }, () => new ListedMembers());
  for (const [i, membership] of views.entries()) {
    await mesh.add(`n${i}`, { membership, peers: i === 0 ? [] : [`n${i - 1}`] });
  }
  for (const view of views) for (let i = 0; i < 4; i++) view.admit(mesh.node(`n${i}`).nodeId);
  mesh.until("all know all", () => names("n0").length === 4 && names("n3").length === 4);
  const entry = (n: number) =>
    SignedEntry.encode({ entry: Buffer.alloc(40, n), signature: Buffer.alloc(64) });
  views[0]?.merge([entry(1)]);
  views[3]?.merge([entry(2)]);
  mesh.until("both everywhere", () => views.every((view) => [...view.entries()].length === 2), 1_000);
  // Those that were made while nobody listened come by comparison.
  mesh.network.separate("n1", "n2");
  mesh.clock.advance(1_000);
  views[0]?.merge([entry(3)]);
  mesh.clock.advance(1_000);
  expect([...views[3]!.entries()]).toHaveLength(2);
  mesh.network.heal("n1", "n2");
  mesh.until("all three everywhere", () => views.every((view) => [...view.entries()].length === 3), 90_000);
});
