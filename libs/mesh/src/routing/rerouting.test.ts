import type { NodeId } from "@clawmatrix/identity";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestMesh, text } from "../test-nodes.ts";

let mesh: TestMesh;

beforeEach(() => {
  mesh = new TestMesh();
});

afterEach(() => mesh.stopAll());

describe("routes", () => {
  it("go around a relay that is killed, where there is another path", async () => {
    for (const relay of ["one", "two"]) await mesh.add(relay);
    const laptop = await mesh.add("laptop", { peers: ["one", "two"] });
    const server = await mesh.add("server", { peers: ["one", "two"] });
    mesh.until("a route", () => laptop.isReachable(server.nodeId));
    mesh.clock.advance(1_000);
    const used = laptop.node(server.nodeId)?.via;
    const [dead, alive] = mesh.node("one").nodeId === used ? ["one", "two"] : ["two", "one"];
    const changed: string[] = [];
    laptop.onRouteChange((node) => changed.push(node));
    mesh.network.silence("laptop", dead);
    mesh.network.silence("server", dead);
    await mesh.stop(dead);
    // Nobody is told: three heartbeats have to be missed.
    mesh.until("another route", () => laptop.node(server.nodeId)?.via === mesh.node(alive).nodeId, 35_000);
    expect(changed).toContain(server.nodeId);
    laptop.send(server.nodeId, text("around it"));
    mesh.until("the packet", () => mesh.texts("server").length === 1);
    mesh.until("that nobody reaches it", () => laptop.node(used as NodeId)?.reach === "unreachable", 35_000);
  });

  it("are told once for each way to a node, though a neighbour is heard of before its route is known", async () => {
    const server = await mesh.add("server");
    const laptop = await mesh.add("laptop", { peers: ["server"] });
    const told: boolean[] = [];
    laptop.onRouteChange(() => told.push(laptop.isReachable(server.nodeId)));
    mesh.until("the link", () => laptop.isReachable(server.nodeId));
    mesh.clock.advance(20_000);
    expect(told).toEqual([true]);
    await mesh.stop("server");
    mesh.clock.advance(1_000);
    expect(told).toEqual([true, false]);
  });

  it("do not lead through a node that does not relay, though its neighbours reach it", async () => {
    const middle = await mesh.add("middle", { relays: false });
    const a = await mesh.add("a", { peers: ["middle"] });
    const b = await mesh.add("b", { peers: ["middle"] });
    mesh.until("the records", () => a.nodes().length === 3 && b.nodes().length === 3);
    mesh.clock.advance(5_000);
    expect(a.isReachable(middle.nodeId)).toBe(true);
    expect(a.isReachable(b.nodeId)).toBe(false);
    expect(a.node(b.nodeId)?.why).toContain("over nodes that relay");
  });

  it("stay where they are while round-trip times only jitter", async () => {
    let slow = 0;
    mesh = new TestMesh({
      conditions: {
        delayMs: (from, to, random) =>
          8 + random.fraction() * 4 + (`${from}${to}`.includes("one") ? slow : 0),
      },
    });
    for (const relay of ["one", "two"]) await mesh.add(relay, { heartbeatMs: 500 });
    const laptop = await mesh.add("laptop", { peers: ["one", "two"], heartbeatMs: 500 });
    const server = await mesh.add("server", { peers: ["one", "two"], heartbeatMs: 500 });
    mesh.clock.advance(20_000);
    const via = laptop.node(server.nodeId)?.via;
    expect(via).toBeDefined();
    let changes = 0;
    laptop.onRouteChange(() => changes++);
    mesh.clock.advance(2 * 60_000);
    expect(changes).toBe(0);
    // And they move when one way has really become worse.
    slow = 200;
    mesh.until("the better way", () => laptop.node(server.nodeId)?.via === mesh.node("two").nodeId);
  });

  it("reach over a line of sixteen links, and no further", async () => {
    for (let i = 0; i < 18; i++) await mesh.add(`n${i}`, i === 0 ? {} : { peers: [`n${i - 1}`] });
    const first = mesh.node("n0");
    mesh.until("the route", () => first.isReachable(mesh.node("n16").nodeId));
    mesh.clock.advance(5_000);
    expect(first.node(mesh.node("n16").nodeId)).toMatchObject({ reach: "relayed", hops: 16 });
    expect(first.isReachable(mesh.node("n17").nodeId)).toBe(false);
    first.send(mesh.node("n16").nodeId, text("far"));
    mesh.until("the packet", () => mesh.texts("n16").length === 1);
  });
});
