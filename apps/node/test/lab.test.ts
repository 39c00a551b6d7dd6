import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Homes } from "./homes.ts";

const homes = new Homes();
afterAll(() => homes[Symbol.asyncDispose]());

/** Two labs, one after the other: on a busy machine each takes ten seconds and more. */
const TWO_LABS_MS = 60_000;

const labsLeft = () => readdirSync(homes.directory).filter((name) => name.startsWith("clawmatrix-lab-"));

describe("the lab, where standard output is no terminal", () => {
  it("shows the mesh, the route and a streamed answer, and leaves no process and no file", async () => {
    const { code, stdout, stderr } = await homes.home("lab").run(["lab"]);
    expect(stdout).toMatch(/The mesh, as laptop sees it:\nNODE[\s\S]*server +\S+ +via relay, 2 hops/);
    expect(stdout).toContain("The route: laptop → relay → server");
    expect(stdout).toContain("you said: Hello from the other side of the relay");
    expect(stderr).toMatch(/CLAWMATRIX_HOME=\S+\/laptop clawmatrix status/);
    expect(code).toBe(0);
    expect([...homes.processes().values()]).toEqual([]);
    expect(labsLeft()).toEqual([]);
  });

  it.each([/inviting laptop/, /starting laptop/, /the relay can read nothing/])(
    "leaves nothing either when it is interrupted at %s",
    async (moment) => {
      const lab = homes.home("lab").start(["lab"]);
      await lab.until(moment);
      lab.child.kill("SIGINT");
      const { code, stderr } = await lab.done;
      expect(stderr).toContain("stopping the lab");
      expect(code).toBe(130);
      expect([...homes.processes().values()]).toEqual([]);
      expect(labsLeft()).toEqual([]);
    },
  );

  it("leaves nothing either when its reader goes away, as in `clawmatrix lab | head`", async () => {
    const lab = homes.home("lab").start(["lab"]);
    await lab.until(/three nodes are up/);
    lab.child.stdout?.destroy();
    const { stderr } = await lab.done;
    expect(stderr).toContain("Stopped ");
    expect([...homes.processes().values()]).toEqual([]);
    expect(labsLeft()).toEqual([]);
  });

  it("leaves no process when it is killed", async () => {
    const lab = homes.home("lab").start(["lab"]);
    await lab.until(/starting laptop/);
    lab.child.kill("SIGKILL");
    await lab.done;
    await expect.poll(() => [...homes.processes().values()], { timeout: 10_000 }).toEqual([]);
  });

  it("keeps its homes where it is told to, and goes on with them", { timeout: TWO_LABS_MS }, async () => {
    const keep = join(homes.directory, "kept");
    const home = homes.home("lab");
    expect((await home.run(["lab", "--keep", keep])).code).toBe(0);
    expect(existsSync(join(keep, "server", "identity.json"))).toBe(true);
    const { code, stdout } = await home.run(["lab", "--keep", keep]);
    expect(stdout).toContain("you said: Hello");
    expect(code).toBe(0);
  });
});
