import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Home, Homes } from "./homes.ts";
import { type SmallMesh, startSmallMesh } from "./small-mesh.ts";

interface Line {
  readonly type: string;
  readonly id?: string;
  readonly [key: string]: unknown;
}

const homes = new Homes();
let mesh: SmallMesh;
let laptop: Home;
beforeAll(async () => {
  mesh = await startSmallMesh(homes);
  laptop = mesh.laptop;
});
afterAll(() => homes[Symbol.asyncDispose]());

const linesOf = (stdout: string): Line[] =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

const updateKinds = (lines: Line[]): unknown[] =>
  lines.flatMap(({ update }) => (update as { sessionUpdate?: string } | undefined)?.sessionUpdate ?? []);

describe("what the mesh looks like", () => {
  it("says in status --json what is here and around", async () => {
    const status = await laptop.json<Record<string, unknown>>("status");
    expect(status).toMatchObject({
      node: { id: expect.stringMatching(/^[a-z2-7]{4}(-[a-z2-7]{2,4})+$/), name: "laptop", founder: false },
      sessions: 0,
      handoffs: { working: 0, inputRequired: 0 },
      pendingMembers: 0,
      peers: [
        {
          name: "relay",
          state: "direct",
          via: "relay",
          hops: 1,
          agents: [],
          models: [],
          tools: [],
          labels: [],
        },
        { name: "server", state: "relayed", via: "relay", hops: 2, agents: ["demo"] },
      ],
    });
    const { uptimeMs, version } = status.node as { uptimeMs: number; version: string };
    expect(uptimeMs).toBeGreaterThan(0);
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect((status.peers as { rttMs: number }[])[1]!.rttMs).toBeGreaterThan(0);
  });

  it("lists nodes and agents for people and as JSON", async () => {
    const [nodes, agents, json] = await Promise.all([
      laptop.ok("nodes"),
      laptop.ok("agents"),
      laptop.json<object[]>("agents"),
    ]);
    expect(nodes).toMatch(/^NODE +ID +ROUTE +TIME +AGENTS\n/);
    expect(nodes).toMatch(/server +\S+ +via relay, 2 hops +\d.* demo/);
    expect(agents).toMatch(/demo@server +ready +0/);
    expect(json).toEqual([
      expect.objectContaining({
        id: "demo",
        node: "server",
        nodeId: expect.any(String),
        state: "ready",
        sessions: 0,
        tags: [],
      }),
    ]);
  });

  it("shows what an agent can, and how long each phase takes", async () => {
    expect(await laptop.ok("agents", "check", "demo@server")).toMatch(/✓ initialize +\d+ ms\n/);
    expect(await laptop.json("agents", "check", "demo@server")).toMatchObject({ agent: "demo", ok: true });
  });
});

describe("a task given to an agent on another node", () => {
  it("streams the answer to standard output and everything else to standard error", async () => {
    const { code, stdout, stderr } = await laptop.run(["run", "demo@server", "hello", "there"]);
    expect(stdout).toMatch(/^I am demo, .*\nyou said: hello there\n$/);
    expect(stderr).toContain("demo@server");
    expect(code).toBe(0);
  });

  it("finds the agent on the nearest node that offers it, and by the beginning of a node's id", async () => {
    const nodes = await laptop.json<{ id: string; name: string }[]>("nodes");
    const { id } = nodes.find(({ name }) => name === "server")!;
    const [near, byId] = await Promise.all([
      laptop.ok("run", "demo", "near"),
      laptop.ok("run", `demo@${id.slice(0, 9)}`, "by id"),
    ]);
    expect(near).toContain("you said: near");
    expect(byId).toContain("you said: by id");
  });

  it("reads the task from standard input", async () => {
    const { code, stdout } = await laptop.run(["run", "demo@server", "-"], { input: "from a\npipe\n" });
    expect(stdout).toContain("you said: from a\npipe");
    expect(code).toBe(0);
    expect(await laptop.run(["run", "demo@server", "-"])).toMatchObject({ code: 2 });
  });

  it("prints an object per line with --json: session, updates, end", async () => {
    const { code, stdout } = await laptop.run(["run", "demo@server", "hello", "--json"]);
    const lines = linesOf(stdout);
    expect(lines[0]).toMatchObject({
      type: "session",
      agent: "demo",
      node: "server",
      source: "live",
      cwd: mesh.workspace,
    });
    expect(lines.at(-1)).toMatchObject({ type: "end", stopReason: "end_turn" });
    const updates = lines.filter(({ type }) => type === "update");
    expect(updates.length).toBe(lines.length - 2);
    expect(updateKinds(lines)).toContain("agent_message_chunk");
    const seqs = updates.map(({ seq }) => seq as number);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect(code).toBe(0);
  });

  it("allows what it asks for, and shows the tool call with what it printed", async () => {
    const { code, stderr } = await laptop.run(["run", "demo@server", "run echo hi", "--permission", "allow"]);
    expect(stderr).toMatch(/● run echo hi\n {2}answered by policy\n {2}│ hi\n✓ run echo hi/);
    expect(code).toBe(0);
  });

  it("denies it, and nothing has happened", async () => {
    const file = join(mesh.workspace, "denied");
    const { code, stdout } = await laptop.run([
      "run",
      "demo@server",
      `run touch ${file}`,
      "--permission",
      "deny",
      "--json",
    ]);
    const lines = linesOf(stdout);
    const asked = lines.find(({ type }) => type === "permission")!;
    expect(asked.request).toMatchObject({
      toolCall: { title: `run touch ${file}` },
      options: expect.any(Array),
    });
    expect(lines.find(({ type }) => type === "answered")).toMatchObject({ id: asked.id, how: "policy" });
    expect(lines.at(-1)).toMatchObject({ type: "end" });
    expect(() => readFileSync(file)).toThrow("ENOENT");
    expect(code).toBe(0);
  });

  it("lets --permission reads read", async () => {
    const { code, stderr } = await laptop.run([
      "run",
      "demo@server",
      "cat greet.sh",
      "--permission",
      "reads",
    ]);
    expect(stderr).toContain("hello, world");
    expect(code).toBe(0);
  });

  it("shows an edit as a diff", async () => {
    writeFileSync(join(mesh.workspace, "edited.txt"), "one\ntwo\nthree\n");
    const { code, stderr } = await laptop.run([
      "run",
      "demo@server",
      "edit edited.txt two => 2",
      "--permission",
      "allow",
    ]);
    expect(stderr).toMatch(/-two\n\s*\+2\n/);
    expect(readFileSync(join(mesh.workspace, "edited.txt"), "utf8")).toBe("one\n2\nthree\n");
    expect(code).toBe(0);
  });

  it("ends with 1 and the agent's last words when its process dies", async () => {
    const { code, stderr } = await laptop.run(["run", "demo@server", "crash"]);
    expect(stderr).toMatch(/clawmatrix: .*ended/);
    expect(stderr).toMatch(/last words on standard error:\n./);
    expect(code).toBe(1);
    const json = linesOf((await laptop.run(["run", "demo@server", "crash", "--json"])).stdout);
    expect(json.at(-1)).toMatchObject({ type: "error", code: "unavailable", message: expect.any(String) });
  });

  it("is stopped by ctrl-c, on the other node as well", async () => {
    const running = laptop.start(["run", "demo@server", "slow 100", "--json"]);
    const [, id] = await running.until(/"type":"session","id":"(\w+)"/);
    await running.until(/agent_message_chunk/);
    running.child.kill("SIGINT");
    expect((await running.done).code).toBe(130);
    const sessions = await mesh.server.json<{ id: string; state: string }[]>("session", "list");
    expect(sessions.find((session) => session.id === id)).toMatchObject({ state: "closed" });
    const { stdout } = await laptop.run(["session", "attach", id!, "--json"]);
    expect(linesOf(stdout).find(({ type }) => type === "end")).toMatchObject({ stopReason: "cancelled" });
  });
});

describe("what cannot be done", () => {
  it("says what is wrong with the task before anything is started", async () => {
    const [directory, agent, node, empty] = await Promise.all([
      laptop.run(["run", "demo@server", "hi", "--cwd", "/etc"]),
      laptop.run(["run", "nobody@server", "hi"]),
      laptop.run(["run", "demo@nowhere", "hi", "--json"]),
      laptop.run(["run", "demo@server", " "]),
    ]);
    expect(directory.stderr).toMatch(/may not run in \/etc, only in: .*\n {2}\S/);
    expect(directory.code).toBe(4);
    expect(agent.stderr).toMatch(/node server offers no agent "nobody"\n {2}It offers: demo\./);
    expect(agent.code).toBe(1);
    expect(JSON.parse(node.stdout)).toMatchObject({
      type: "error",
      code: "not-found",
      reason: "unknown-node",
    });
    expect(node.stderr).toContain("Nodes known here: laptop, relay, server");
    expect(node.code).toBe(5);
    expect(empty.code).toBe(2);
  });

  it("tells of agents whose command is not there, ends at once, or prints rubbish", async () => {
    const { relay } = mesh;
    const node = "const l=require('readline').createInterface({input:process.stdin});";
    await relay.ok("agents", "add", "missing", "--", "no-such-program-at-all");
    await relay.ok(
      "agents",
      "add",
      "hasty",
      "--",
      process.execPath,
      "-e",
      "console.error('no key given');process.exit(3)",
    );
    await relay.ok(
      "agents",
      "add",
      "rubbish",
      "--",
      process.execPath,
      "-e",
      `${node}l.on('line',()=>console.log('rubbish'));setTimeout(()=>process.exit(4),300)`,
    );
    await untilOffered(relay, 3);
    const [missing, hasty, rubbish] = await Promise.all(
      ["missing", "hasty", "rubbish"].map((id) => laptop.run(["run", `${id}@relay`, "hi"])),
    );
    expect(missing!.stderr).toMatch(/no-such-program-at-all/);
    expect(missing!.code).toBe(1);
    expect(hasty!.stderr).toMatch(/code 3/);
    expect(hasty!.stderr).toMatch(/no key given/);
    expect(hasty!.code).toBe(1);
    expect(rubbish!.code).toBe(1);
    const check = await laptop.run(["agents", "check", "hasty@relay"]);
    expect(check.stderr).toMatch(/no key given/);
    expect(check.code).toBe(1);
    for (const id of ["missing", "hasty", "rubbish"]) await relay.ok("agents", "remove", id);
  });
});

async function untilOffered(home: Home, count: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const agents = await laptop.json<{ node: string }[]>("agents");
    if (agents.filter(({ node }) => node === home.name).length === count) return;
    if (performance.now() > deadline) throw new Error(`not offered in time: ${JSON.stringify(agents)}`);
  }
}
