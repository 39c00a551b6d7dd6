import { describe, expect, it } from "vitest";
import { type Breakage, breakConduit } from "../sabotage/broken-conduit.ts";
import type { Sabotage } from "../sabotage/sabotage.ts";
import { Identities } from "../world/identities.ts";
import { runWorld } from "../world/run-world.ts";
import type { World } from "../world/world.ts";

const identities = new Identities();

/** A caller, a relay, and a node that serves; nothing goes wrong. */
const calm: World = {
  seed: 7,
  nodes: 3,
  links: [
    [1, 0],
    [2, 0],
  ],
  delayMs: 5,
  jitterMs: 5,
  durationMs: 5_000,
  faults: [],
  errands: [
    { kind: "conversation", atMs: 100, from: 1, to: 2, count: 20, everyMs: 20 },
    { kind: "output", atMs: 200, from: 2, to: 1, count: 20 },
    { kind: "task", atMs: 300, from: 1, to: 2, everyMs: 1_000, retries: 10 },
  ],
};

async function violations(world: World, sabotage: Sabotage = {}): Promise<string[]> {
  const report = await runWorld(world, { identities, sabotage });
  return [...new Set(report.violations.map(({ invariant }) => invariant))];
}

describe("the checks", { timeout: 60_000 }, () => {
  it("find nothing in a calm world with all its protections", async () => {
    expect(await violations(calm)).toEqual([]);
  });

  it.each<Breakage>(["drops-a-frame", "doubles-a-frame", "swaps-two-frames"])(
    "find a channel that %s (P4)",
    async (breakage) => {
      expect(await violations(calm, { conduit: (conduit) => breakConduit(conduit, breakage) })).toContain(
        "P4",
      );
    },
  );

  it("find calls whose server is never told that their caller is gone (P6)", async () => {
    const world: World = {
      ...calm,
      faults: [{ kind: "crash", atMs: 300, node: 1, when: "now", silent: false }],
    };
    expect(await violations(world)).toEqual([]);
    const sabotage: Sabotage = { conduit: (conduit) => breakConduit(conduit, "never-breaks") };
    expect(await violations(world, sabotage)).toContain("P6");
  });

  it("find a task that is executed again after a restart (P5)", async () => {
    const world: World = {
      ...calm,
      faults: [{ kind: "crash", atMs: 800, node: 2, when: "now", silent: false, forMs: 1_000 }],
    };
    expect(await violations(world)).toEqual([]);
    expect(await violations(world, { forgetsCalls: true })).toContain("P5");
  });

  it("find frames that reach a call after its end (P9)", async () => {
    const sabotage: Sabotage = { conduit: (conduit) => breakConduit(conduit, "delivers-after-the-end") };
    expect(await violations(calm, sabotage)).toContain("P9");
  });

  it("find packets that were changed on their way, and words that could be read there (P3)", async () => {
    const changed = (packet: Buffer): Buffer => {
      const other = Buffer.from(packet);
      if (other.length > 200) other[150]! ^= 1;
      return other;
    };
    expect(await violations(calm, { packet: changed })).toContain("P3");
    const words = "nobody may read this";
    const leaky = (packet: Buffer): Buffer => Buffer.concat([packet, Buffer.from(`${words} ${calm.seed}`)]);
    expect(await violations(calm, { packet: leaky })).toContain("P3");
  });

  it("find a stranger who is served (P2)", async () => {
    const world: World = { ...calm, faults: [{ kind: "stranger", atMs: 100, near: 2, knowsSecret: true }] };
    expect(await violations(world)).toEqual([]);
    expect(await violations(world, { opensDoors: true })).toContain("P2");
  });
});
