import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { parseDuration } from "@clawmatrix/config";
import { fuzz } from "./fuzz.ts";
import { targets } from "./targets.ts";

const USAGE = `npm run fuzz -- [DURATION] [--target NAME] [--seed N]

Tries changed and random inputs on everything that reads what a peer sends, for DURATION (default 1m) in all.
Ends with 1 at the first finding, and prints the input as hex: keep it as tools/fuzz/corpus/TARGET/NAME.hex.

Targets: ${Object.keys(targets).join(", ")}`;
const DEFAULT_MS = 60_000;
/** Each target gets its turn again and again, with a new seed each time. */
const ROUND_MS = 10_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { target: { type: "string" }, seed: { type: "string" }, help: { type: "boolean", short: "h" } },
});
const totalMs = positionals[0] === undefined ? DEFAULT_MS : parseDuration(positionals[0]);
const names = Object.keys(targets).filter((name) => values.target === undefined || name === values.target);
if (values.help === true || totalMs === undefined || names.length === 0 || positionals.length > 1) {
  console.error(USAGE);
  process.exit(values.help === true ? 0 : 2);
}
await run(names, totalMs, Number(values.seed ?? randomInt(2 ** 31)));

async function run(names: readonly string[], totalMs: number, firstSeed: number): Promise<void> {
  const end = performance.now() + totalMs;
  const roundMs = Math.min(ROUND_MS, totalMs / names.length);
  let current = { name: "", seed: 0, input: new Uint8Array(0) as Uint8Array };
  const report = (what: string): void => {
    const { name, seed, input } = current;
    console.error(`${name} (seed ${seed}): ${what}\n${Buffer.from(input).toString("hex")}`);
    process.exit(1);
  };
  // What is thrown where nobody waits for it would have ended a node.
  process.on("uncaughtException", (error) => report(`it ended the process: ${error.stack}`));
  for (let seed = firstSeed; performance.now() < end; seed++) {
    for (const name of names) {
      const ms = Math.min(roundMs, end - performance.now());
      if (ms <= 0) break;
      const onInput = (input: Uint8Array): void => {
        current = { name, seed, input };
      };
      const { tried, finding } = await fuzz(targets[name]!, { seed, ms, onInput });
      if (finding !== undefined) report(finding.what);
      console.log(`${name}: ${tried} inputs, seed ${seed}`);
    }
  }
}
