import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { freePort } from "@clawmatrix/environment";
import { afterAll, describe, expect, it } from "vitest";
import { type Home, Homes } from "./homes.ts";

const homes = new Homes();
afterAll(() => homes[Symbol.asyncDispose]());

let made = 0;
const fresh = async (...args: string[]): Promise<Home> => {
  const home = homes.home(`node${made++}`);
  await home.ok("init", "--name", home.name, ...args);
  return home;
};

describe("a node", () => {
  it("goes up and down, again and again, without a moment in between", async () => {
    const home = await fresh();
    for (let round = 0; round < 3; round++) {
      await home.ok("up", "--detach");
      expect(await home.json("status")).toMatchObject({
        node: { name: home.name, founder: true },
        peers: [],
      });
      expect(await home.json("down")).toEqual({ stopped: true });
    }
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "in the foreground stops cleanly on %s",
    async (signal) => {
      const home = await fresh();
      const up = home.start(["up"]);
      await up.until(/is up; it accepts no peers\. ctrl-c stops it\./);
      up.child.kill(signal);
      expect((await up.done).code).toBe(0);
      expect(existsSync(join(home.path, "node.pid"))).toBe(false);
      expect(home.read("node.log")).toContain("the node stops");
    },
  );

  it("lets a running turn end when it is told to stop, and takes no new work meanwhile", async () => {
    const home = await fresh();
    await home.ok("agents", "add", "demo");
    await home.ok("up", "--detach");
    const run = home.start(["run", "demo", "slow 50"]);
    await run.until(/1/);
    const down = home.start(["down", "--grace", "10s"]);
    await down.until(/waiting for a turn, for 10 s at most/);
    const refused = await home.run(["run", "demo", "too late"]);
    expect(refused.stderr).toContain("the node is stopping and takes no new work");
    expect(await run.done).toMatchObject({ code: 0, stdout: expect.stringContaining("50") });
    expect((await down.done).code).toBe(0);
  });

  it("does not wait longer than it is told to", async () => {
    const home = await fresh();
    await home.ok("agents", "add", "demo");
    await home.ok("up", "--detach");
    const run = home.start(["run", "demo", "slow 1000"]);
    await run.until(/1/);
    const { code, stderr } = await home.run(["down", "--grace", "50ms"]);
    expect(stderr).toMatch(/giving up a turn/);
    expect(code).toBe(0);
    expect((await run.done).code).not.toBe(0);
  });

  it("ends at once with the reason in its log when an error escapes it", async () => {
    const home = await fresh();
    const escaping = "process.on('SIGUSR2',()=>Promise.reject(new Error('escaped')))";
    const up = home.start(["up"], { env: { NODE_OPTIONS: `--import "data:text/javascript,${escaping}"` } });
    await up.until(/is up/);
    up.child.kill("SIGUSR2");
    expect((await up.done).code).toBe(1);
    expect(home.read("node.log")).toMatch(/"level":50.*nobody handled.*|"level":50.*escaped/);
  });

  it("takes the place of one that was killed, over the socket that was left", async () => {
    const home = await fresh();
    await home.ok("agents", "add", "demo");
    await home.ok("up", "--detach");
    await home.ok("run", "demo", "before");
    process.kill(home.pid, "SIGKILL");
    await expect.poll(async () => (await home.run(["status"])).code, { timeout: 10_000 }).toBe(3);
    expect(existsSync(join(home.path, "node.sock"))).toBe(true);
    await home.ok("up", "--detach");
    expect(await home.json<object[]>("session", "list")).toMatchObject([{ title: "before" }]);
  });

  it("shows its log, whether or not it runs", async () => {
    const home = await fresh();
    await home.ok("up", "--detach");
    const follow = home.start(["logs", "--follow"]);
    await follow.until(/info {2}the node is up name=/);
    await home.ok("down");
    await follow.until(/info {2}the node stops/);
    follow.child.kill("SIGINT");
    expect((await follow.done).code).toBe(130);
    const json = (await home.ok("logs", "-n", "1", "--json")).trim();
    expect(JSON.parse(json)).toMatchObject({ msg: "the node stops" });
  });

  it("has nothing secret in its log", async () => {
    const home = await fresh("--listen", `127.0.0.1:${await freePort()}`);
    await home.ok("agents", "add", "demo", "--env", "API_KEY=sesame-open");
    const config = home.read("config.toml").replace(/^\[log\]$/m, '[log]\nlevel = "debug"');
    expect(config).toMatch(/^level = "debug"$/m);
    writeFileSync(join(home.path, "config.toml"), config);
    await home.ok("up", "--detach");
    const invitation = (await home.ok("invite", "--name", "guest")).trim();
    const guest = homes.home("guest");
    await guest.ok("join", invitation);
    await home.ok("run", "demo", "words that nobody else may read", "--permission", "allow");
    await home.ok("down");
    const log = home.read("node.log");
    const { secret, founder } = JSON.parse(home.read("mesh.json")) as { secret: string; founder: object };
    expect(founder).toBeDefined();
    const { signingSeed, agreementSecret } = JSON.parse(home.read("identity.json")) as Record<string, string>;
    const keys = [signingSeed ?? "", agreementSecret ?? ""];
    for (const word of [secret, ...keys, invitation, "sesame-open", "nobody else may read"]) {
      expect(word.length).toBeGreaterThan(8);
      expect(log).not.toContain(word);
    }
  });
});

describe("a home", () => {
  it("says how to begin where there is none", async () => {
    const home = homes.home("empty");
    const [up, status, detached] = await Promise.all([
      home.run(["up"]),
      home.run(["status", "--json"]),
      homes.home("empty").run(["up", "--detach"]),
    ]);
    for (const { code, stderr } of [up, detached]) {
      expect(stderr).toMatch(
        /there is no mesh here yet.*\n.*`clawmatrix init`.*`clawmatrix join INVITATION`/,
      );
      expect(code).toBe(1);
    }
    expect(JSON.parse(status.stdout)).toMatchObject({ type: "error", reason: "node-not-running" });
    expect(status.stderr).toMatch(/the local node is not running\n {2}Start it with `clawmatrix up`/);
    expect(status.code).toBe(3);
  });

  it("is not given a second identity", async () => {
    const home = await fresh();
    const identity = home.read("identity.json");
    const [init, join] = [await home.run(["init"]), await home.run(["join", "anything"])];
    for (const { code, stderr } of [init, join]) {
      expect(stderr).toContain("this home has an identity already");
      expect(code).toBe(1);
    }
    expect(home.read("identity.json")).toBe(identity);
  });

  it("has one node at a time", async () => {
    const home = await fresh();
    await home.ok("up", "--detach");
    const [second, detached] = [await home.run(["up"]), await home.run(["up", "--detach"])];
    for (const { code, stderr } of [second, detached]) {
      expect(stderr).toMatch(
        new RegExp(`a node runs in this home already \\(process ${home.pid}\\)\n.*clawmatrix down`),
      );
      expect(code).toBe(1);
    }
    await home.ok("status");
  });

  it("is refused while its secrets are open to others or cannot be read", async () => {
    for (const file of ["identity.json", "mesh.json"]) {
      const home = await fresh();
      chmodSync(join(home.path, file), 0o644);
      const { code, stderr } = await home.run(["up"]);
      expect(stderr).toMatch(/holds secrets, and others than its owner may open it\n {2}chmod 600 /);
      expect(code).toBe(4);
      chmodSync(join(home.path, file), 0o600);
      writeFileSync(join(home.path, file), "rubbish: hunter2");
      const damaged = await home.run(["up"]);
      expect(damaged.stderr).toMatch(/cannot be read|damaged|is no|not/);
      expect(damaged.stderr).not.toContain("hunter2");
      expect(damaged.code).toBe(1);
    }
  });

  it("says when the port is taken, and starts when it is free", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const home = await fresh("--listen", `127.0.0.1:${port}`);
    const { code, stderr } = await home.run(["up", "--detach"]);
    expect(stderr).toContain(String(port));
    expect(stderr).toMatch(
      /another program, or another node, uses this port\n {2}Stop it, or choose another port/,
    );
    expect(code).toBe(1);
    await new Promise((resolve) => server.close(resolve));
    await home.ok("up", "--detach");
  });
});

describe("a configuration", () => {
  it("that is wrong is named with line and nearest right key, before anything is started", async () => {
    const home = await fresh();
    const file = join(home.path, "config.toml");
    const good = home.read("config.toml");
    writeFileSync(file, good.replace(/^\[mesh\]$/m, '[mesh]\nlisten = "nonsense"\npears = []'));
    for (const args of [["up"], ["up", "--detach"], ["config", "check"]]) {
      const { code, stderr } = await home.run(args);
      expect(stderr).toMatch(/config\.toml:\d+: mesh\.listen /);
      expect(stderr).toMatch(/config\.toml:\d+: mesh\.pears .*peers/);
      expect(code).toBe(1);
    }
    writeFileSync(file, "name = ");
    expect((await home.run(["up"])).stderr).toMatch(/config\.toml:1: /);
    writeFileSync(file, good);
    expect((await home.run(["config", "check"])).stderr).toContain("is good");
  });

  it("that is saved wrongly while the node runs changes nothing, and status says so", async () => {
    const home = await fresh();
    await home.ok("up", "--detach");
    const file = join(home.path, "config.toml");
    const good = home.read("config.toml");
    writeFileSync(file, `${good}\n[meshh]\n`);
    await expect
      .poll(async () => await home.ok("status"), { timeout: 10_000 })
      .toMatch(/warning: the configuration that was saved is not used: .*meshh/);
    writeFileSync(file, good);
    await expect.poll(async () => await home.ok("status"), { timeout: 10_000 }).not.toContain("warning");
  });

  it("is edited by agents add and remove, and taken over by the node that runs", async () => {
    const home = await fresh();
    await home.ok("up", "--detach");
    const added = await home.ok("agents", "add", "mine", "--json", "--", "my-agent", "--acp");
    expect(JSON.parse(added)).toEqual({
      id: "mine",
      command: ["my-agent", "--acp"],
    });
    await expect.poll(async () => await home.ok("agents"), { timeout: 10_000 }).toMatch(/mine@/);
    await home.ok("agents", "remove", "mine");
    await expect.poll(async () => await home.ok("agents"), { timeout: 10_000 }).toMatch(/No agents yet/);
    const unknown = await home.run(["agents", "add", "nothing-known"]);
    expect(unknown.stderr).toMatch(
      /not in the catalogue.*\n {2}clawmatrix agents add nothing-known -- COMMAND/,
    );
    expect(unknown.code).toBe(2);
    expect((await home.run(["agents", "remove", "mine"])).code).toBe(1);
  });

  it("is found, explained and edited", async () => {
    const home = await fresh();
    expect((await home.ok("config", "path")).trim()).toBe(join(home.path, "config.toml"));
    expect(JSON.parse(await home.ok("config", "schema"))).toMatchObject({ type: "object" });
    const none = await home.run(["config", "edit"]);
    expect(none.stderr).toMatch(/no editor is set\n {2}Set EDITOR/);
    expect(none.code).toBe(2);
    const edited = await home.run(["config", "edit"], { env: { EDITOR: "sed -i 1iwrong=1" } });
    expect(edited.stderr).toMatch(/config\.toml:1: wrong/);
    expect(edited.code).toBe(1);
  });
});
