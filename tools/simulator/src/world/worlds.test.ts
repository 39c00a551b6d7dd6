import { expect, it } from "vitest";
import { describeViolations } from "../report/describe-world.ts";
import { Identities } from "./identities.ts";
import { randomWorld } from "./random-world.ts";
import { rememberSignatures } from "./remember-signatures.ts";
import { runWorld } from "./run-world.ts";

rememberSignatures();
const identities = new Identities();
/** Always the same worlds, so that what passed yesterday fails today for a reason. */
const FIXED_SEEDS = 90;
/** And some that nobody has seen yet. */
const FRESH_SEEDS = 10;

it("random worlds with fixed seeds hold all invariants", { timeout: 300_000 }, async () => {
  for (let seed = 0; seed < FIXED_SEEDS; seed++) await expectHeld(seed);
});

it("random worlds that were never seen before hold all invariants", { timeout: 120_000 }, async () => {
  const first = Math.floor(Math.random() * 2 ** 31);
  console.log(`fresh worlds: seeds ${first} to ${first + FRESH_SEEDS - 1}`);
  for (let seed = first; seed < first + FRESH_SEEDS; seed++) await expectHeld(seed);
});

it("a world runs alike each time, down to the last byte on the wire", async () => {
  const world = randomWorld(76);
  const [one, other] = [await runWorld(world), await runWorld(world, { identities })];
  expect(other.traceDigest).toBe(one.traceDigest);
  expect(other.calls).toEqual(one.calls);
});

async function expectHeld(seed: number): Promise<void> {
  const report = await runWorld(randomWorld(seed), { identities });
  expect(report.violations, describeViolations(report)).toEqual([]);
}
