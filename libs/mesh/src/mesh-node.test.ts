import { UndeliverableReason } from "@clawmatrix/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestMesh, text } from "./test-nodes.ts";

describe("three nodes, of which the outer two know only the relay", () => {
  let mesh: TestMesh;

  beforeEach(async () => {
    mesh = new TestMesh();
    await mesh.add("relay");
    await mesh.add("laptop", { peers: ["relay"] });
    await mesh.add("server", { peers: ["relay"] });
  });

  afterEach(() => mesh.stopAll());

  it("exchange packets in both directions", () => {
    const [laptop, server] = [mesh.node("laptop"), mesh.node("server")];
    mesh.until("a route", () => laptop.isReachable(server.nodeId) && server.isReachable(laptop.nodeId));
    expect(laptop.send(server.nodeId, text("over there"))).toBe("queued");
    expect(server.send(laptop.nodeId, text("and back"), { bulk: true })).toBe("queued");
    mesh.until("both packets", () => mesh.texts("server").length + mesh.texts("laptop").length === 2);
    expect(mesh.received.get("server")?.packets).toEqual([{ source: laptop.nodeId, text: "over there" }]);
    expect(mesh.received.get("laptop")?.packets).toEqual([{ source: server.nodeId, text: "and back" }]);
    expect(mesh.node("relay").counters.forwarded).toBe(2);
  });

  it("see each other's records, routes and round-trip times", () => {
    const [laptop, server, relay] = [mesh.node("laptop"), mesh.node("server"), mesh.node("relay")];
    mesh.until("all records", () => laptop.nodes().length === 3 && laptop.isReachable(server.nodeId));
    const seen = new Map(laptop.nodes().map((view) => [view.record.name, view]));
    expect(seen.get("laptop")).toMatchObject({ reach: "self", hops: 0 });
    expect(seen.get("relay")).toMatchObject({ reach: "direct", via: relay.nodeId, hops: 1, rttMs: 2 });
    expect(seen.get("server")).toMatchObject({ reach: "relayed", via: relay.nodeId, hops: 2 });
  });

  it("learn why a packet did not arrive", async () => {
    const [laptop, server] = [mesh.node("laptop"), mesh.node("server")];
    mesh.until("a route", () => laptop.isReachable(server.nodeId));
    await mesh.network.separate("server", "relay");
    laptop.send(server.nodeId, text("too late"));
    mesh.until("a notice", () => (mesh.received.get("laptop")?.undeliverable.length ?? 0) > 0);
    expect(mesh.received.get("laptop")?.undeliverable).toEqual([
      { destination: server.nodeId, reason: UndeliverableReason.NO_ROUTE },
    ]);
    mesh.until("no route", () => !laptop.isReachable(server.nodeId));
    expect(laptop.send(server.nodeId, text("no"))).toBe("no-route");
    expect(laptop.node(server.nodeId)).toMatchObject({ reach: "unreachable" });
    expect(laptop.node(server.nodeId)?.why).not.toBe("");
  });
});
