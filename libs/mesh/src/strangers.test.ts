import { UndeliverableReason } from "@clawmatrix/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ListedMembers, TestMesh, text } from "./test-nodes.ts";

describe("a node that has the mesh secret and is not a member", () => {
  let mesh: TestMesh;

  beforeEach(async () => {
    mesh = new TestMesh();
    await mesh.add("relay");
    await mesh.add("server", { peers: ["relay"] });
    await mesh.add("stranger", { peers: ["relay"], member: false });
    mesh.clock.advance(5_000);
  });

  afterEach(() => mesh.stopAll());

  it("and the neighbour that it has dialled speak with each other", () => {
    const [relay, stranger] = [mesh.node("relay"), mesh.node("stranger")];
    expect(stranger.send(relay.nodeId, text("let me in"))).toBe("queued");
    expect(relay.send(stranger.nodeId, text("wait"))).toBe("queued");
    mesh.clock.advance(100);
    expect(mesh.texts("relay")).toEqual(["let me in"]);
    expect(mesh.texts("stranger")).toEqual(["wait"]);
  });

  it("gets no packet forwarded, in either direction", () => {
    const [relay, stranger, server] = [mesh.node("relay"), mesh.node("stranger"), mesh.node("server")];
    expect(stranger.send(server.nodeId, text("hi"))).toBe("no-route");
    expect(server.send(stranger.nodeId, text("hi"))).toBe("not-a-member");
    expect(relay.counters.forwarded).toBe(0);
    expect(mesh.texts("server")).toEqual([]);
  });

  it("learns nothing by gossip, and nobody learns of it", () => {
    expect(mesh.node("stranger").nodes()).toHaveLength(1);
    expect(mesh.node("relay").nodes()).toHaveLength(2);
    expect(mesh.node("server").nodes()).toHaveLength(2);
    expect(
      mesh
        .node("relay")
        .neighbours()
        .filter(({ isFellow }) => !isFellow),
    ).toHaveLength(1);
  });

  it("takes part as soon as it is admitted, over the link that it has", () => {
    const [relay, stranger, server] = [mesh.node("relay"), mesh.node("stranger"), mesh.node("server")];
    const up = relay.counters.linksUp;
    mesh.members.admit(stranger.nodeId);
    mesh.until(
      "a route",
      () => stranger.isReachable(server.nodeId) && server.isReachable(stranger.nodeId),
      3_000,
    );
    stranger.send(server.nodeId, text("at last"));
    mesh.until("the packet", () => mesh.texts("server").length === 1);
    expect(relay.counters.linksUp).toBe(up);
    expect(server.nodes()).toHaveLength(3);
  });
});

it("a packet that a stranger sends on its way all the same is refused by the relay, which says so", async () => {
  const mesh = new TestMesh();
  const relay = await mesh.add("relay");
  const server = await mesh.add("server", { peers: ["relay"] });
  // In its own view everybody is a member, so that a third node, which is its accomplice, becomes a route for it.
  const view = new ListedMembers();
  const liar = await mesh.add("liar", { peers: ["relay"], membership: view });
  for (const { nodeId } of [relay, server, liar]) view.admit(nodeId);
  // Its knowledge of the server comes from elsewhere: from a store that somebody has handed to it.
  mesh.clock.advance(5_000);
  const records = [relay, server].map((node) => node.node(node.nodeId)?.kept.bytes as Uint8Array);
  await mesh.stop("liar");
  const again = await mesh.add("liar", { peers: ["relay"], membership: view, records });
  view.admit(again.nodeId);
  mesh.until("what it takes for a route", () => again.isReachable(server.nodeId));
  expect(again.send(server.nodeId, text("let me through"))).toBe("queued");
  mesh.until("a notice", () => (mesh.received.get("liar")?.undeliverable.length ?? 0) > 0);
  expect(mesh.received.get("liar")?.undeliverable).toEqual([
    { destination: server.nodeId, reason: UndeliverableReason.REFUSED },
  ]);
  expect(relay.counters.forwarded).toBe(0);
  expect(relay.counters.droppedRefused).toBe(1);
  expect(mesh.texts("server")).toEqual([]);
  await mesh.stopAll();
});

it("only so many strangers have a link, and not for ever; members get in beside them", async () => {
  const mesh = new TestMesh();
  const relay = await mesh.add("relay", { limits: { strangers: 4 } });
  for (let i = 0; i < 8; i++) await mesh.add(`stranger-${i}`, { peers: ["relay"], member: false });
  mesh.clock.advance(20_000);
  expect(relay.neighbours()).toHaveLength(4);
  const member = await mesh.add("member", { peers: ["relay"] });
  mesh.until("the member's link", () => relay.isNeighbour(member.nodeId), 5_000);
  mesh.clock.advance(12 * 60_000);
  expect(relay.counters.linksDown).toBeGreaterThanOrEqual(4);
  await mesh.stopAll();
});
