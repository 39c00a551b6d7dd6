import { parseConfiguration } from "@clawmatrix/config";
import { expect, it } from "vitest";
import { changedKeys, needsRestart } from "./configuration-change.ts";

const parse = (text: string) =>
  parseConfiguration(text, { file: "/home/x/config.toml", homedir: "/home/x", hostname: "x" });

it("says which keys differ, and which of them wait for the next start", async () => {
  const before = await parse('name = "a"\n[mesh]\nlisten = "127.0.0.1:19000"\n');
  const labels = await parse('name = "a"\nlabels = ["home"]\n[mesh]\nlisten = "127.0.0.1:19000"\n');
  const moved = await parse('name = "b"\n[mesh]\nlisten = "127.0.0.1:19001"\nrelay = false\n');
  expect([changedKeys(before, before), needsRestart(before, before)]).toEqual([[], []]);
  expect([changedKeys(before, labels), needsRestart(before, labels)]).toEqual([["labels"], []]);
  expect(changedKeys(before, moved).sort()).toEqual(["mesh", "name"]);
  expect(needsRestart(before, moved)).toEqual(["mesh.listen", "mesh.relay"]);
});
