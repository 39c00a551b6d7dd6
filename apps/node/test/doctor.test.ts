import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "@clawmatrix/environment";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Home, Homes } from "./homes.ts";
import { joinMesh, startRelay, untilSeen } from "./small-mesh.ts";

interface Found {
  readonly subject: string;
  readonly outcome: "good" | "warning" | "bad";
  readonly message: string;
  readonly hint: string;
}

const homes = new Homes();
let relay: Home;
beforeAll(async () => {
  relay = await startRelay(homes);
});
afterAll(() => homes[Symbol.asyncDispose]());

/** `programs`: the only folder in which programs are found. */
async function examine(home: Home, programs = ""): Promise<{ code: number | null; found: Found[] }> {
  const { code, stdout } = await home.run(["doctor", "--json"], { env: { PATH: programs } });
  return {
    code,
    found: stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Found),
  };
}

describe("the doctor", () => {
  it("finds nothing on a node that is well, and names what it has looked at", async () => {
    const { code, found } = await examine(relay);
    expect(found.filter(({ outcome }) => outcome !== "good")).toEqual([]);
    const subjects = found.map(({ subject }) => subject);
    expect(subjects).toEqual(["home", "disk", "store", "configuration", "clock", "nodes", "versions"]);
    expect(code).toBe(0);
  });

  it("offers agents that are installed and not offered yet", async () => {
    const programs = join(homes.directory, "programs");
    mkdirSync(programs);
    writeFileSync(join(programs, "codex-acp"), "", { mode: 0o755 });
    const { code, found } = await examine(relay, programs);
    expect(found.at(-1)).toMatchObject({
      subject: "agents",
      outcome: "good",
      message: expect.stringContaining("codex"),
      hint: expect.stringContaining("clawmatrix agents add codex"),
    });
    expect(code).toBe(0);
  });

  it("says of each thing that is wrong what it is and how to mend it", async () => {
    const ill = homes.home("ill");
    await joinMesh(relay, ill);
    await ill.ok("agents", "add", "gone", "--", "no-such-program", "--acp");
    await ill.ok("up", "--detach");
    await untilSeen(ill, ({ name }) => name === "relay");
    chmodSync(join(ill.path, "identity.json"), 0o644);
    appendFileSync(
      join(ill.path, "config.toml"),
      '\n[[grants]]\nto = ["label:home"]\nallow = ["terminal"]\n',
    );
    await expect
      .poll(async () => await ill.ok("status"), { timeout: 10_000 })
      .toMatch(/label:home allow nothing/);
    const { code, found } = await examine(ill);
    const wrong = found.filter(({ outcome }) => outcome !== "good");
    expect(wrong).toEqual([
      expect.objectContaining({
        subject: "home",
        outcome: "bad",
        hint: expect.stringMatching(/^chmod .*identity\.json$/),
      }),
      expect.objectContaining({
        subject: "configuration",
        outcome: "warning",
        message: expect.stringContaining("[trusted_labels]"),
      }),
      expect.objectContaining({
        subject: "agent gone",
        outcome: "bad",
        message: expect.stringContaining("no-such-program"),
      }),
    ]);
    expect(wrong.every(({ hint }) => hint !== "")).toBe(true);
    expect(code).toBe(1);
    await ill.ok("down");
  });

  it("says that the node does not run, and of a peer that it is not there", async () => {
    const alone = homes.home("alone");
    await joinMesh(relay, alone);
    expect(await examine(alone)).toMatchObject({ code: 1, found: [{ subject: "node", outcome: "bad" }] });
    const configuration = alone.read("config.toml");
    const gone = `ws://127.0.0.1:${await freePort()}`;
    expect(configuration).toMatch(/^peers = /m);
    writeFileSync(
      join(alone.path, "config.toml"),
      configuration.replace(/^peers = .*$/m, `peers = ["${gone}"]`),
    );
    await alone.ok("up", "--detach");
    await expect
      .poll(async () => (await examine(alone)).found, { timeout: 10_000 })
      .toContainEqual(
        expect.objectContaining({
          subject: `peer ${gone}`,
          outcome: "bad",
          message: expect.stringContaining("ECONNREFUSED"),
        }),
      );
  });
});
