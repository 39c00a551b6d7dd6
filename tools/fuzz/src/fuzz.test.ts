import { seededRandom } from "@clawmatrix/environment";
import { describe, expect, it } from "vitest";
import { readCorpus } from "./corpus.ts";
import { fuzz } from "./fuzz.ts";
import { targets } from "./targets.ts";
import { tryInput } from "./try-input.ts";

const SEED = 1;
const INPUTS = 200;

describe("whatever a peer sends", { timeout: 30_000 }, () => {
  it.each(Object.keys(targets))("%s are read or refused, in bounded time and memory", async (name) => {
    const { tried, finding } = await fuzz(targets[name]!, { seed: SEED, inputs: INPUTS });
    expect(finding && `${finding.what}\n${Buffer.from(finding.input).toString("hex")}`).toBeUndefined();
    expect(tried).toBe(INPUTS);
  });
});

describe.runIf(readCorpus().length > 0)("what was a finding once is none any more", () => {
  it.each(readCorpus())("$target: $name", async ({ target, input }) => {
    const made = await targets[target]!(seededRandom(SEED));
    expect(await tryInput(made, input)).toBeUndefined();
    await made.close?.();
  });
});
