import { freePort } from "@clawmatrix/environment";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Home, Homes } from "./homes.ts";
import { joinMesh, startRelay, untilSeen } from "./small-mesh.ts";

interface Pending {
  readonly id: string;
  readonly name: string;
  readonly [key: string]: unknown;
}

const homes = new Homes();
let relay: Home;
beforeAll(async () => {
  relay = await startRelay(homes);
});
afterAll(() => homes[Symbol.asyncDispose]());

const invitation = async (...args: string[]): Promise<string> => (await relay.ok("invite", ...args)).trim();

describe("an invitation", () => {
  it("is one line on standard output; in JSON with its expiry and addresses", async () => {
    const { stdout, stderr } = await relay.run(["invite", "--name", "guest", "--expires", "30m"]);
    expect(stdout).toMatch(/^\S+\n$/);
    expect(stderr).toContain("Keep it secret");
    const json = await relay.json<{ expiresAt: string }>("invite", "--expires", "2h");
    expect(json).toEqual({
      invitation: expect.stringMatching(/^\S+$/),
      expiresAt: expect.any(String),
      addresses: [expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+$/)],
    });
    expect(Date.parse(json.expiresAt) - Date.now()).toBeGreaterThan(7_000_000);
    const wrong = await relay.run(["invite", "--expires", "soon"]);
    expect(wrong.stderr).toMatch(/--expires: "soon" is no duration\n {2}Write for example 30s/);
    expect(wrong.code).toBe(2);
  });

  it("takes one machine in, under the proposed name or its own", async () => {
    const [guest, other] = [homes.home("guest"), homes.home("other")];
    const joined = await guest.json("join", await invitation("--name", "guest"));
    expect(joined).toMatchObject({ name: "guest", home: guest.path, state: "admitted" });
    const { code, stderr } = await other.run(["join", "-", "--name", "mine"], {
      input: `${await invitation()}\n`,
    });
    expect(stderr).toMatch(/mine \(\S+\) belongs to the mesh/);
    expect(code).toBe(0);
  });

  it("that is damaged makes no home", async () => {
    const good = await invitation();
    const middle = Math.floor(good.length / 2);
    const damaged = good.slice(0, middle) + (good[middle] === "a" ? "b" : "a") + good.slice(middle + 1);
    for (const text of [damaged, good.slice(0, -5), "rubbish"]) {
      const home = homes.home("damaged");
      const { code, stderr } = await home.run(["join", text]);
      expect(stderr).toMatch(/clawmatrix: .*invitation/);
      expect(stderr).not.toContain(good.slice(10, 40));
      expect([1, 2]).toContain(code);
      expect((await home.run(["up"])).stderr).toContain("there is no mesh here yet");
    }
  });

  it("that is used up still makes a home, and an operator lets it in", async () => {
    const [first, second] = [homes.home("first"), homes.home("second")];
    const text = await invitation();
    await first.ok("join", text, "--name", "first");
    const late = await second.run(["join", text, "--name", "second"]);
    expect(late.stderr).toMatch(
      /second has its home, but an operator has to approve it: the invitation has let in another node/,
    );
    expect(late.stderr).toContain("members pending");
    expect(late.code).toBe(0);
    await second.ok("up", "--detach");
    const pending = await untilPending("second");
    expect(await second.ok("status")).toMatch(/warning: an operator has to let this node in/);
    expect(pending).toMatchObject({
      state: "pending",
      node: "relay",
      reason: "used",
      address: expect.any(String),
    });
    expect(await relay.ok("members", "pending")).toMatch(/second +\S+ .*invitation used/);
    expect(await relay.ok("inbox")).toContain("second wants to be let into the mesh");
    expect(await relay.json("status")).toMatchObject({ pendingMembers: 1 });
    await relay.ok("members", "approve", "second");
    await untilSeen(second, ({ name }) => name === "relay");
    expect(await relay.json("members", "pending")).toEqual([]);
    await second.ok("down");
  });

  it("that has expired does as well, answered in the inbox", async () => {
    const home = homes.home("expired");
    const text = await invitation("--expires", "1ms");
    const { code, stderr } = await home.run(["join", text, "--name", "expired"]);
    expect(stderr).toMatch(
      /expired has its home, but an operator has to approve it: the invitation was good until/,
    );
    expect(code).toBe(0);
    await home.ok("up", "--detach");
    const { id } = await untilPending("expired");
    expect(await relay.json<object[]>("inbox")).toContainEqual(
      expect.objectContaining({
        id,
        kind: "admission",
        options: [expect.objectContaining({ id: "approve" }), expect.objectContaining({ id: "deny" })],
      }),
    );
    await relay.ok("answer", id, "deny");
    await expect
      .poll(async () => await home.ok("status"), { timeout: 10_000 })
      .toMatch(/warning: an operator has refused to let this node in/);
    await home.ok("down");
  });

  it("to a mesh that is not there makes a home that goes on trying", async () => {
    const [gone, home] = [homes.home("gone"), homes.home("waiting")];
    await gone.ok("init", "--name", "gone", "--listen", `127.0.0.1:${await freePort()}`);
    await gone.ok("up", "--detach");
    const text = (await gone.ok("invite")).trim();
    await gone.ok("down");
    const joining = home.start(["join", text, "--name", "waiting"]);
    await joining.until(/asking ws:/);
    joining.child.kill("SIGINT");
    const { code, stderr } = await joining.done;
    expect(stderr).toMatch(/waiting has its home; the mesh could not be reached yet: .*ECONNREFUSED/);
    expect(code).toBe(0);
    await home.ok("up", "--detach");
    expect(await home.ok("status")).toMatch(/warning: this node is not let in yet/);
  });
});

describe("members", () => {
  it("are listed with role, state and who decided; the revoked stay on the list", async () => {
    const rogue = homes.home("rogue");
    await joinMesh(relay, rogue);
    await rogue.ok("up", "--detach");
    await untilSeen(relay, ({ name }) => name === "rogue");
    const refused = await rogue.run(["invite"]);
    expect(refused.stderr).toMatch(/operator/);
    expect(refused.code).toBe(4);
    expect(await relay.json("members", "operator", "rogue")).toMatchObject({
      name: "rogue",
      role: "operator",
    });
    expect(await relay.json("members", "operator", "rogue", "--remove")).toMatchObject({ role: "member" });
    await relay.ok("members", "revoke", "rogue", "--reason", "stolen");
    const list = await relay.json<Pending[]>("members");
    expect(list.find(({ name }) => name === "relay")).toEqual({
      id: expect.any(String),
      name: "relay",
      role: "founder",
      state: "admitted",
      since: expect.stringMatching(/Z$/),
      by: "relay",
    });
    expect(list.find(({ name }) => name === "rogue")).toMatchObject({
      role: "member",
      state: "revoked",
      by: "relay",
    });
    expect(await relay.ok("members")).toMatch(/rogue +\S+ +member +revoked/);
    const unknown = await relay.run(["members", "revoke", "nobody"]);
    expect(unknown.stderr).toMatch(/there is no node "nobody" among the members\n {2}There are: relay/);
    expect(unknown.code).toBe(1);
  });
});

describe("a node that is away", () => {
  it("is unreachable with the reason, until it is forgotten; two of one name are told apart by their ids", async () => {
    const twins = [homes.home("twin"), homes.home("twin")];
    const ids: string[] = [];
    for (const twin of twins) {
      await joinMesh(relay, twin);
      await twin.ok("agents", "add", "demo");
      await twin.ok("up", "--detach");
      ids.push((await twin.json<{ node: { id: string } }>("status")).node.id);
    }
    for (const id of ids) await untilSeen(relay, (node) => node.id === id && node.agents.includes("demo"));
    expect(await relay.ok("status")).toContain("warning: 2 nodes have the name twin");
    const both = await relay.run(["run", "demo@twin", "hi"]);
    expect(both.stderr).toMatch(/"twin" can mean 2 nodes: .*\n {2}Say which one by the beginning of its id/);
    expect(both.code).toBe(1);
    expect(await relay.ok("run", `demo@${ids[1]!.slice(0, 9)}`, "you there")).toContain(
      "you said: you there",
    );
    const present = await relay.run(["nodes", "forget", ids[0]!]);
    expect(present.stderr).toMatch(/is there; only a node that is away can be forgotten/);
    expect(present.code).toBe(1);
    await twins[0]!.ok("down");
    await expect
      .poll(async () => await relay.run(["run", `demo@${ids[0]}`, "hi"]), { timeout: 10_000 })
      .toMatchObject({ code: 5, stderr: expect.stringMatching(/node twin cannot be reached: ./) });
    await relay.ok("nodes", "forget", ids[0]!);
    expect(await relay.ok("status")).not.toContain("2 nodes have the name");
  });
});

async function untilPending(name: string): Promise<Pending> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const found = (await relay.json<Pending[]>("members", "pending")).find(
      (pending) => pending.name === name,
    );
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${name} does not ask to be let in`);
  }
}
