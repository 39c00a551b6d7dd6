import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Benchmark, Report, Row } from "../benchmark.ts";
import { median, middleHalf, quantile } from "../statistics.ts";
import { bundleProgram } from "../terminal/bundle-program.ts";
import { type Typing, typeInto } from "./tui/typed-keys.ts";
import { LINES_BEFORE, LINES_PER_SECOND } from "./tui/updates.ts";

const PAIRS = 3;
/** What a person does not notice, in milliseconds. */
const UNNOTICED_MS = 50;

export const benchmark: Benchmark = {
  name: "tui",
  work: `keys typed while ${LINES_PER_SECOND} updates a second come into a transcript of ${LINES_BEFORE} lines`,
  async run(report) {
    if (process.platform !== "linux") return [notHere()];
    const directory = await mkdtemp(join(tmpdir(), "clawmatrix-bench-"));
    try {
      const ours = await bundled(directory, "one-session.ts");
      const theirs = await bundled(directory, "ink-static.tsx");
      return rows(await measure(report, ours, theirs));
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

interface Pair {
  readonly ours: Typing;
  readonly theirs: Typing;
}

async function bundled(directory: string, source: string): Promise<string> {
  const file = join(directory, source.replace(/\.tsx?$/, ".mjs"));
  await bundleProgram(join(import.meta.dirname, "tui", source), file);
  return file;
}

async function measure(report: Report, ours: string, theirs: string): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let pair = 1; pair <= PAIRS; pair++) {
    report(`pair ${pair} of ${PAIRS}`);
    pairs.push({ ours: await typeInto(ours), theirs: await typeInto(theirs) });
  }
  return pairs;
}

function rows(pairs: readonly Pair[]): Row[] {
  const ours = pairs.map((pair) => quantile(pair.ours.latencies, 0.99));
  const theirs = pairs.map((pair) => quantile(pair.theirs.latencies, 0.99));
  const middles = pairs.map((pair) => median(pair.ours.latencies));
  const key = ours.map((ms) => ms / UNNOTICED_MS);
  const memory = pairs.map((pair) => pair.ours.bytes / pair.theirs.bytes);
  const mebibytes = (side: keyof Pair) =>
    Math.round(median(pairs.map((pair) => pair[side].bytes)) / 1_048_576);
  return [
    {
      work: "key to screen, p99",
      against: `${UNNOTICED_MS} ms`,
      ratio: median(key),
      spread: middleHalf(key),
      goal: { atMost: 1 },
      note: `${Math.round(median(ours))} ms, p50 ${Math.round(median(middles))} ms; Ink's <Static> ${Math.round(median(theirs))} ms`,
    },
    {
      work: "memory",
      against: "Ink's <Static>",
      ratio: median(memory),
      spread: middleHalf(memory),
      goal: { atMost: 1.5 },
      note: `${mebibytes("ours")} MiB against ${mebibytes("theirs")} MiB`,
    },
  ];
}

function notHere(): Row {
  return {
    work: "key to screen, memory",
    against: "Ink's <Static>",
    ratio: undefined,
    note: "memory of a process is read from /proc: needs Linux",
  };
}
