import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Home, Homes } from "./homes.ts";
import { joinMesh, startRelay, untilSeen } from "./small-mesh.ts";

interface Row {
  readonly name: string;
  readonly state: string;
}

const homes = new Homes();
/** Founder and operator; knows everybody. */
let relay: Home;
/** An operator that knows only the relay. */
let laptop: Home;
beforeAll(async () => {
  relay = await startRelay(homes);
  laptop = homes.home("laptop");
  await joinMesh(relay, laptop);
  await laptop.ok("up", "--detach");
  await untilSeen(relay, ({ name }) => name === "laptop");
  await relay.ok("members", "operator", "laptop");
});
afterAll(() => homes[Symbol.asyncDispose]());

const within = { timeout: 10_000 };

/** A home that has the mesh's secret and an invitation that is used up: it waits at the relay. */
async function waitingNode(name: string): Promise<Home> {
  const node = homes.home(name);
  const invitation = (await relay.ok("invite")).trim();
  await homes.home(`guest-of-${name}`).ok("join", invitation);
  await node.ok("join", invitation, "--name", name);
  await node.ok("up", "--detach");
  return node;
}

const pendingAt = async (home: Home): Promise<string[]> =>
  (await home.json<Row[]>("members", "pending")).map(({ name }) => name);

describe("a request for admission", () => {
  it("is seen by an operator who was not asked, and decided there once for all", async () => {
    const stranger = await waitingNode("stranger");
    await expect.poll(async () => await pendingAt(laptop), within).toEqual(["stranger"]);
    expect(await laptop.json("status")).toMatchObject({ pendingMembers: 1 });
    expect(await laptop.json("inbox")).toEqual([
      expect.objectContaining({ kind: "admission", node: "relay" }),
    ]);
    await laptop.ok("members", "approve", "stranger");
    await untilSeen(stranger, ({ name }) => name === "laptop");
    await expect.poll(async () => await relay.json("status"), within).toMatchObject({ pendingMembers: 0 });
    expect(await pendingAt(relay)).toEqual([]);
  });

  it("that one operator refuses waits nowhere any more", async () => {
    const stranger = await waitingNode("unwanted");
    await expect.poll(async () => await pendingAt(laptop), within).toEqual(["unwanted"]);
    await laptop.ok("members", "deny", "unwanted");
    expect(await pendingAt(relay)).toEqual([]);
    await expect.poll(async () => await stranger.ok("status"), within).toMatch(/an operator has refused/);
    await expect.poll(async () => await laptop.json("status"), within).toMatchObject({ pendingMembers: 0 });
  });
});

describe("a revocation", () => {
  it("ends links and calls everywhere at once, is told to the revoked node, and outlives restarts", async () => {
    const rogue = homes.home("rogue");
    await joinMesh(relay, rogue);
    appendFileSync(
      join(relay.path, "config.toml"),
      '\n[[grants]]\nto = ["rogue"]\nallow = ["diagnostics"]\n',
    );
    await rogue.ok("up", "--detach");
    await untilSeen(laptop, ({ name }) => name === "rogue");
    // A call that would go on for ever.
    const call = rogue.start(["logs", "--follow", "--node", "relay"]);
    await call.until(/./);
    await laptop.ok("members", "revoke", "rogue", "--reason", "stolen");
    expect(await call.done).toMatchObject({ code: 4, stderr: expect.stringContaining("not") });
    const own = await rogue.ok("status");
    expect(own).toMatch(/^rogue {2}revoked/m);
    expect(own).toMatch(/warning: this node was revoked by laptop on \S+ \(stolen\)/);
    expect(rogue.read("node.log")).toContain("this node was revoked by laptop");
    expect(await laptop.json<Row[]>("nodes")).not.toContainEqual(expect.objectContaining({ name: "rogue" }));
    // All restart; the revoked node first, so that the others could be told an old story by it.
    for (const home of [rogue, relay, laptop]) await home.ok("down", "--grace", "1ms");
    for (const home of [rogue, relay, laptop]) await home.ok("up", "--detach");
    await untilSeen(laptop, ({ name }) => name === "relay");
    for (const home of [relay, laptop]) {
      expect(await home.json<Row[]>("members")).toContainEqual(
        expect.objectContaining({ name: "rogue", state: "revoked" }),
      );
    }
    expect((await rogue.run(["trace", "relay"])).code).toBe(5);
  });

  it("of a node that was away is told to it when it comes back, and said once in its log", async () => {
    const away = homes.home("away");
    await joinMesh(relay, away);
    await relay.ok("members", "revoke", "away");
    await away.ok("up", "--detach");
    await expect
      .poll(async () => await away.ok("status"), within)
      .toMatch(/warning: ws:\S+ says that this node was revoked by an operator/);
    expect(away.read("node.log").match(/was revoked by an operator/g)).toHaveLength(1);
  });
});

describe("what is refused", () => {
  it("is in the audit log of the node that refused it", async () => {
    const refused = await laptop.run(["logs", "--node", "relay"]);
    expect(refused.code).toBe(4);
    const entries = (await relay.ok("logs", "--audit", "--json")).trim().split("\n");
    expect(JSON.parse(entries.at(-1) ?? "")).toEqual({
      time: expect.stringMatching(/Z$/),
      node: "laptop",
      nodeId: expect.any(String),
      action: "DiagnosticService.TailLog",
      outcome: "denied",
      detail: expect.stringMatching(/^not-granted: /),
    });
    expect(await relay.ok("logs", "--audit")).toMatch(/laptop \(\S+\) +denied +DiagnosticService\.TailLog/);
  });
});

describe("a trace", () => {
  it("shows each hop with its time, and fails where there is no route", async () => {
    const server = homes.home("server");
    await joinMesh(relay, server);
    await server.ok("up", "--detach");
    await untilSeen(laptop, ({ name }) => name === "server");
    const { hops } = await laptop.json<{ hops: object[] }>("trace", "server");
    expect(hops).toEqual([
      { id: expect.any(String), name: "relay", rttMs: expect.any(Number) },
      { id: expect.any(String), name: "server", rttMs: expect.any(Number) },
    ]);
    expect(await laptop.ok("trace", "server")).toMatch(/1 +relay .* ms\n2 +server .* ms/);
    await server.ok("down");
    await expect
      .poll(async () => await laptop.run(["trace", "server"]), within)
      .toMatchObject({
        code: 5,
        stderr: expect.stringMatching(/server cannot be reached: ./),
      });
  });
});
