import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { describeViolations } from "../report/describe-world.ts";
import { Identities } from "../world/identities.ts";
import { runWorld } from "../world/run-world.ts";
import type { World } from "../world/world.ts";

const identities = new Identities();
const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".json"));

it.each(files)("%s holds", { timeout: 60_000 }, async (file) => {
  const world = JSON.parse(readFileSync(join(import.meta.dirname, file), "utf8")) as World;
  const report = await runWorld(world, { identities });
  expect(report.violations, describeViolations(report)).toEqual([]);
});
