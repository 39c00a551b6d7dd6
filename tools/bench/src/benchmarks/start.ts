import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Benchmark, Goal, Report, Row } from "../benchmark.ts";
import { median, middleHalf } from "../statistics.ts";
import { bundleProgram } from "../terminal/bundle-program.ts";
import { timeToEnd, timeToMessage, timeToPicture } from "./start/timed-process.ts";

const PAIRS = 11;
const MAIN = join(
  dirname(createRequire(import.meta.url).resolve("clawmatrix/package.json")),
  "dist",
  "main.js",
);

export const benchmark: Benchmark = {
  name: "start",
  work: "`clawmatrix status` against a running node; `clawmatrix up` until ready; the terminal UI until its first full picture",
  async run(report) {
    const directory = await mkdtemp(join(tmpdir(), "clawmatrix-bench-"));
    const env = { ...process.env, CLAWMATRIX_HOME: join(directory, "home"), FORCE_COLOR: "0" };
    const bare = () => timeToEnd(["-e", "0"], env);
    try {
      timeToEnd([MAIN, "init", "--name", "bench"], env);
      const up = await pairs(
        report,
        "up",
        { atMost: 8 },
        "node -e 0",
        () => timeToMessage([MAIN, "up"], env),
        bare,
      );
      timeToEnd([MAIN, "up", "--detach"], env);
      const status = await pairs(
        report,
        "status",
        { atMost: 3 },
        "node -e 0",
        () => timeToEnd([MAIN, "status"], env),
        bare,
      );
      const peer = join(directory, "ink-peer.mjs");
      await bundleProgram(join(import.meta.dirname, "start", "ink-peer.tsx"), peer);
      const tui = await pairs(
        report,
        "terminal UI",
        { atMost: 1 },
        "a comparable Ink program",
        () => timeToPicture([MAIN, "tui"], env, ["bench", "Sessions", "Nodes"]),
        () => timeToPicture([peer], env, ["laptop", "Sessions", "ready"]),
      );
      return [status, up, tui];
    } finally {
      try {
        timeToEnd([MAIN, "down"], env);
      } catch {
        report("no node was left to be stopped");
      }
      await rm(directory, { recursive: true, force: true });
    }
  },
};

type Timing = () => number | Promise<number>;

/** A B A B …: the median of the pairs' ratios. One pair before counts for nothing: it fills the file cache. */
async function pairs(
  report: Report,
  work: string,
  goal: Goal,
  against: string,
  ours: Timing,
  theirs: Timing,
): Promise<Row> {
  report(`${work}: ${PAIRS} pairs`);
  const ratios: number[] = [];
  const times: [number, number][] = [];
  for (let pair = 0; pair <= PAIRS; pair++) {
    const time: [number, number] = [await ours(), await theirs()];
    if (pair === 0) continue;
    times.push(time);
    ratios.push(time[0] / time[1]);
  }
  const [our, their] = [0, 1].map((side) => Math.round(median(times.map((time) => time[side]!))));
  return {
    work,
    against,
    ratio: median(ratios),
    spread: middleHalf(ratios),
    goal,
    note: `${our} ms against ${their} ms`,
  };
}
