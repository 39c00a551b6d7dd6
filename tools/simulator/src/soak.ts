import { describeViolations } from "./report/describe-world.ts";
import { parseDuration } from "./report/parse-duration.ts";
import { Identities } from "./world/identities.ts";
import { randomWorld } from "./world/random-world.ts";
import { rememberSignatures } from "./world/remember-signatures.ts";
import { runWorld } from "./world/run-world.ts";

/** Random worlds until the time is over: `npm run soak -- 10m [--seed FIRST]`. Exits with 1 at the first violation. */
const WORLDS_PER_LINE = 100;
const DEFAULT_TIME = "10m";

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  const seedAt = args.indexOf("--seed");
  const durationMs = parseDuration(seedAt === 0 ? DEFAULT_TIME : (args[0] ?? DEFAULT_TIME));
  const first = seedAt < 0 ? Math.floor(Math.random() * 2 ** 31) : Number(args[seedAt + 1]);
  if (durationMs === undefined || !Number.isSafeInteger(first)) {
    console.error("How long? For example: npm run soak -- 10m, or npm run soak -- 1h --seed 4711");
    process.exitCode = 2;
    return;
  }
  console.log(`worlds from seed ${first} on`);
  rememberSignatures();
  const endsAt = performance.now() + durationMs;
  const identities = new Identities();
  let virtualMs = 0;
  let calls = 0;
  let seed = first;
  for (; performance.now() < endsAt; seed++) {
    const report = await runWorld(randomWorld(seed), { identities });
    virtualMs += report.virtualMs;
    calls += report.calls.succeeded + report.calls.failed;
    if (report.violations.length > 0) {
      console.error(describeViolations(report));
      process.exitCode = 1;
      return;
    }
    if ((seed + 1 - first) % WORLDS_PER_LINE === 0) console.log(progress(seed + 1 - first, calls, virtualMs));
  }
  console.log(`${progress(seed - first, calls, virtualMs)}: every invariant held`);
}

function progress(worlds: number, calls: number, virtualMs: number): string {
  return `${worlds} worlds, ${calls} calls, ${(virtualMs / 3_600_000).toFixed(1)} hours of virtual time`;
}
