import { homedir } from "node:os";
import { join } from "node:path";
import { resolvePaths } from "@clawmatrix/config";
import { RelayedMesh } from "@clawmatrix/faults";
import { clawmatrixProgram } from "../agents/clawmatrix-program.ts";
import type { Benchmark, Goal, Row } from "../benchmark.ts";
import { Child } from "../processes/child.ts";
import { median, middleHalf } from "../statistics.ts";

const ROUNDS = 5;
const UPDATES = 100_000;
/** The heartbeat of links is not what is measured. */
const HEARTBEAT = "15s";
const FOLDER = join(import.meta.dirname, "stream");

/** What each round measures, in ms. */
interface Times {
  readonly direct: number[];
  readonly one: number[];
  readonly ten: number[];
  readonly beside: number[];
}

export const benchmark: Benchmark = {
  name: "stream",
  work: `${UPDATES.toLocaleString("en")} updates of the agent demo, from a server through a relay to clients of a laptop, each in a process of its own`,
  async run(report) {
    const mesh = await RelayedMesh.start({ relays: ["relay"], heartbeat: HEARTBEAT });
    const reader = Child.start(join(FOLDER, "reader.ts"));
    const clients = Child.start(join(FOLDER, "clients.ts"));
    const times: Times = { direct: [], one: [], ten: [], beside: [] };
    try {
      const command = clawmatrixProgram("demo-agent");
      // What it says it keeps on the disk, as that of the node does.
      const env = { CLAWMATRIX_DEMO_STATE: join(mesh.server.home, "direct-state") };
      await reader.request("start", { command, env, cwd: mesh.server.home });
      const { socket } = resolvePaths({ CLAWMATRIX_HOME: mesh.laptop.home }, process.platform, homedir());
      await clients.request("start", socket);
      const flood = (watchers: number, stopped = 0) =>
        clients.request<number>("flood", { updates: UPDATES, watchers, stopped });
      for (let round = 0; round <= ROUNDS; round++) {
        report(round === 0 ? "warming up" : `round ${round} of ${ROUNDS}`);
        const direct = await reader.request<number>("flood", UPDATES);
        const [one, beside, ten] = [await flood(1), await flood(1, 1), await flood(10)];
        if (round === 0) continue;
        times.direct.push(direct);
        times.one.push(one);
        times.beside.push(beside);
        times.ten.push(ten);
      }
      const pipe = "the agent's own rate on a pipe";
      return [
        row("to 1 watcher", pipe, times.one, times.direct, { atLeast: 0.7 }),
        row("to 10 watchers", pipe, times.ten, times.direct),
        row("to 1 watcher, another has stopped reading", "1 watcher alone", times.beside, times.one, {
          atLeast: 0.95,
        }),
      ];
    } finally {
      await reader.request("end");
      await reader.end();
      await clients.end();
      await mesh.end();
    }
  },
};

/** Rates, so that more is better. */
function row(work: string, against: string, ours: number[], theirs: number[], goal?: Goal): Row {
  const ratios = ours.map((time, round) => (theirs[round] as number) / time);
  const rate = (times: readonly number[]) =>
    Math.round((1000 * UPDATES) / median(times)).toLocaleString("en");
  return {
    work,
    against,
    ratio: median(ratios),
    spread: middleHalf(ratios),
    ...(goal && { goal }),
    note: `${rate(ours)} updates a second against ${rate(theirs)}`,
  };
}
