import { join } from "node:path";
import type { Row } from "./benchmark.ts";
import { benchmarkNames, loadBenchmark } from "./registry.ts";
import { saveResult } from "./results.ts";
import { table } from "./table.ts";

const RESULTS = join(import.meta.dirname, "../../../bench/results.json");

await main(process.argv.slice(2));

async function main(wanted: readonly string[]): Promise<void> {
  const known = await benchmarkNames();
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`There is no benchmark ${unknown.join(", ")}. There are: ${known.join(", ")}`);
    process.exitCode = 2;
    return;
  }
  const rows: (Row & { benchmark: string })[] = [];
  for (const name of wanted.length > 0 ? wanted : known) {
    try {
      const measured = await runBenchmark(name);
      rows.push(...measured.map((row) => ({ benchmark: name, ...row })));
    } catch (failure) {
      // One benchmark that cannot run must not hide what the others measure.
      console.error(`${name} failed:`, failure);
      process.exitCode = 1;
    }
  }
  console.log(table(rows));
}

async function runBenchmark(name: string): Promise<readonly Row[]> {
  const benchmark = await loadBenchmark(name);
  console.error(`${name}: ${benchmark.work}`);
  const rows = await benchmark.run((progress) => console.error(`${name}: ${progress}`));
  await saveResult(RESULTS, name, rows);
  return rows;
}
