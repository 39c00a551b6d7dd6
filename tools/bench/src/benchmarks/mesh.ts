import { setTimeout as sleep } from "node:timers/promises";
import type { Benchmark, Report, Row } from "../benchmark.ts";
import { median, middleHalf } from "../statistics.ts";
import type { Fleet } from "./mesh/fleet.ts";
import { measureGrowth } from "./mesh/growth.ts";
import { NodeFleet } from "./mesh/node-fleet.ts";
import { SERF_MISSING, SerfFleet } from "./mesh/serf-fleet.ts";

const MEMBERS = 20;
const CHANGES = 7;
const KILLS = 5;
const MOST_OF_SERF = 0.5;
/** Before each measurement nothing happens for so long, in ms: what the one before has set off is over. */
const QUIET_MS = 2_000;

export const benchmark: Benchmark = {
  name: "mesh",
  work: `what simulated meshes cost as they grow; ${MEMBERS} real processes: until a change is known everywhere, until a killed one is noticed`,
  async run(report) {
    return [...(await realRows(report)), ...(await measureGrowth(report))];
  },
};

async function realRows(report: Report): Promise<Row[]> {
  const ours = await NodeFleet.start(MEMBERS, report);
  let theirs: Fleet | undefined;
  try {
    report(`${MEMBERS} serf agents`);
    theirs = await SerfFleet.start(MEMBERS);
    const changes = await pairs(CHANGES, report, "a change", ours, theirs, (fleet, member, round) =>
      fleet.change(member, round),
    );
    const kills = await pairs(KILLS, report, "a kill", ours, theirs, (fleet, member) => fleet.kill(member));
    return [
      row("until a change of one is known to all others", changes),
      row("until one that was killed is noticed by all others", kills),
    ];
  } finally {
    await ours.end();
    await theirs?.end();
  }
}

type Pair = readonly [ours: number, theirs: number | undefined];

/** A B A B …, with another member each time. */
async function pairs(
  rounds: number,
  report: Report,
  what: string,
  ours: Fleet,
  theirs: Fleet | undefined,
  measure: (fleet: Fleet, member: number, round: number) => Promise<number>,
): Promise<Pair[]> {
  const times: Pair[] = [];
  for (let round = 0; round < rounds; round++) {
    report(`${what}, ${round + 1} of ${rounds}`);
    // 7 and 20 have no common divisor: nobody comes twice.
    const member = (7 * round + 3) % MEMBERS;
    await sleep(QUIET_MS);
    const our = await measure(ours, member, round);
    await sleep(QUIET_MS);
    times.push([our, theirs && (await measure(theirs, member, round))]);
  }
  return times;
}

function row(work: string, times: readonly Pair[]): Row {
  const ratios = times.flatMap(([our, their]) => (their === undefined ? [] : [our / their]));
  const own = `${Math.round(median(times.map(([our]) => our)))} ms`;
  const common = { work, against: `${MEMBERS} serf agents`, goal: { atMost: MOST_OF_SERF } };
  if (ratios.length === 0) return { ...common, ratio: undefined, note: `${own}; ${SERF_MISSING}` };
  const their = Math.round(median(times.map(([, their]) => their ?? Number.NaN)));
  return { ...common, ratio: median(ratios), spread: middleHalf(ratios), note: `${own} against ${their} ms` };
}
