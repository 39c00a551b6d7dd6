import { mkdir, readFile, writeFile } from "node:fs/promises";
import { arch, cpus, platform } from "node:os";
import { dirname } from "node:path";
import type { Row } from "./benchmark.ts";

/** bench/results.json: the last result of each benchmark. */
export interface Results {
  readonly benchmarks: Readonly<Record<string, BenchmarkResult>>;
}

export interface BenchmarkResult {
  readonly measuredAt: string;
  readonly machine: {
    readonly node: string;
    readonly system: string;
    readonly cpu: string;
    readonly cores: number;
  };
  readonly rows: readonly Row[];
}

/** Adds the rows of one benchmark to the results in `path`, in place of its earlier ones. */
export async function saveResult(path: string, name: string, rows: readonly Row[]): Promise<void> {
  const before = await readResults(path);
  const result: BenchmarkResult = {
    measuredAt: new Date().toISOString(),
    machine: {
      node: process.version,
      system: `${platform()}-${arch()}`,
      cpu: cpus()[0]?.model ?? "unknown",
      cores: cpus().length,
    },
    rows,
  };
  const after: Results = { benchmarks: { ...before.benchmarks, [name]: result } };
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(after, null, 2)}\n`);
}

async function readResults(path: string): Promise<Results> {
  const text = await readFile(path, "utf8").catch((failure: NodeJS.ErrnoException) => {
    if (failure.code === "ENOENT") return undefined;
    throw failure;
  });
  return text === undefined ? { benchmarks: {} } : (JSON.parse(text) as Results);
}
