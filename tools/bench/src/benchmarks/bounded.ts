import { systemClock, systemRandom } from "@clawmatrix/environment";
import type { Benchmark, Row } from "../benchmark.ts";
import { median, middleHalf } from "../statistics.ts";
import {
  BOUNDS,
  type Bounded,
  type BoundedContestant,
  lruCache,
  ours,
  scanned,
} from "./bounded/contestants.ts";

const PAIRS = 21;
/** Ids that one side of a pair notes; those of the slow one are fewer. */
const IDS = 20_000;
const IDS_SCANNED = 400;
const ID_BYTES = 16;

const OPPONENTS = [
  { against: "a scan at each insertion", create: scanned, ids: IDS_SCANNED, goal: 100 },
  { against: "lru-cache", create: lruCache, ids: IDS, goal: 2 },
] as const;

export const benchmark: Benchmark = {
  name: "bounded",
  work: "note a new id in a full map, and look it up, and one that is not there",
  async run(report) {
    const rows: Row[] = [];
    for (const what of Object.keys(BOUNDS) as Bounded[]) {
      for (const { against, create, ids, goal } of OPPONENTS) {
        report(`${what}, against ${against}`);
        const sides = [full(ours(what), what), full(create(what), what)] as const;
        const pairs = Array.from(
          { length: PAIRS },
          () => [timeOf(sides[0], IDS), timeOf(sides[1], ids)] as const,
        );
        const ratios = pairs.slice(1).map(([our, their]) => their / our);
        const [our, their] = [0, 1].map((side) => median(pairs.map((pair) => pair[side] as number)));
        rows.push({
          work: what,
          against,
          ratio: median(ratios),
          spread: middleHalf(ratios),
          goal: { atLeast: goal },
          note: `${our?.toFixed(0)} ns against ${their?.toFixed(0)} ns an id`,
        });
      }
    }
    return rows;
  },
};

function full(contestant: BoundedContestant, what: Bounded): BoundedContestant {
  for (const id of freshIds(2 * BOUNDS[what].entries)) contestant.note(id, systemClock.monotonic());
  return contestant;
}

/** Ids as they come in with calls: text that was never hashed before. */
function freshIds(count: number): string[] {
  return Array.from({ length: count }, () => Buffer.from(systemRandom.bytes(ID_BYTES)).toString("latin1"));
}

/** Nanoseconds for an id. */
function timeOf(contestant: BoundedContestant, count: number): number {
  const ids = freshIds(count);
  const absent = freshIds(count);
  let found = 0;
  const start = process.hrtime.bigint();
  // One reading of the clock serves all ids of a batch of frames.
  const now = systemClock.monotonic();
  for (let i = 0; i < count; i++) {
    contestant.note(ids[i] as string, now);
    if (contestant.has(ids[i] as string, now)) found++;
    if (contestant.has(absent[i] as string, now)) found++;
  }
  const took = Number(process.hrtime.bigint() - start);
  if (found !== count) throw new Error(`${found} of ${count} ids were found`);
  return took / count;
}
