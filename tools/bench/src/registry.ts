import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Benchmark } from "./benchmark.ts";

const FOLDER = join(import.meta.dirname, "benchmarks");

/** The names of all benchmarks: one per file in `benchmarks/`. */
export async function benchmarkNames(): Promise<string[]> {
  const files = await readdir(FOLDER);
  return files
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => file.slice(0, -".ts".length))
    .sort();
}

/** Loads one benchmark; the others' dependencies stay out. */
export async function loadBenchmark(name: string): Promise<Benchmark> {
  const module = (await import(join(FOLDER, `${name}.ts`))) as { readonly benchmark?: Benchmark };
  if (module.benchmark === undefined) throw new Error(`benchmarks/${name}.ts exports no "benchmark"`);
  return module.benchmark;
}
