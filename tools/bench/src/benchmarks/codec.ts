import type { Benchmark, Report, Row } from "../benchmark.ts";
import { runsFor, timeOf } from "../measure.ts";
import { geometricMean, median, middleHalf } from "../statistics.ts";
import { type CodecName, type FrameCase, frameCases } from "./codec/codecs.ts";

const PAIRS = 15;

/** How long one side of a pair runs. */
const SAMPLE_MS = 1;

const WARM_UP_ROUNDS = 6;

const OPPONENTS = [
  { name: "protobuf-es", against: "protobuf-es toBinary, fromBinary", goal: 3 },
  { name: "protobufjs", against: "protobufjs, compiled code", goal: 1.2 },
  { name: "JSON", against: "JSON.stringify, JSON.parse", goal: 2 },
] as const;

type Direction = "encode" | "decode";
const DIRECTIONS: readonly Direction[] = ["encode", "decode"];

/** Nanoseconds for one frame type, codec and direction: one entry per pair. */
type Samples = Record<CodecName, Record<Direction, number[]>>;

export const benchmark: Benchmark = {
  name: "codec",
  work: "encode and decode each frame type, typical values",
  async run(report) {
    const cases = await frameCases();
    const samples = measure(cases, report);
    return OPPONENTS.flatMap(({ name, against, goal }) => [
      row("encode and decode", DIRECTIONS, name, against, samples, goal),
      row("encode", ["encode"], name, against, samples),
      row("decode", ["decode"], name, against, samples),
    ]);
  },
};

/** Frame after frame, codec after codec, over and over: so every codec meets every frame type's shapes, as in a node. */
function measure(cases: readonly FrameCase[], report: Report): Samples[] {
  const names = Object.keys(cases[0]!.codecs) as CodecName[];
  const samples = cases.map(() => emptySamples(names));
  let runs: Record<CodecName, Record<Direction, number>>[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS; round++) {
    report(`warming up, ${round + 1} of ${WARM_UP_ROUNDS}`);
    runs = cases.map(({ codecs }) =>
      perCodec(names, (name, direction) => runsFor(codecs[name][direction], SAMPLE_MS)),
    );
  }
  for (let pair = 0; pair < PAIRS; pair++) {
    report(`pair ${pair + 1} of ${PAIRS}, ${cases.length} frame types`);
    for (const [index, { codecs }] of cases.entries()) {
      for (const direction of DIRECTIONS) {
        for (const name of names) {
          samples[index]![name][direction].push(
            timeOf(codecs[name][direction], runs[index]![name][direction]),
          );
        }
      }
    }
  }
  return samples;
}

/** Of each pair the geometric mean of all frame types' ratios; of the pairs the median. */
function row(
  work: string,
  directions: readonly Direction[],
  name: CodecName,
  against: string,
  samples: readonly Samples[],
  goal?: number,
): Row {
  const time = (of: Samples[CodecName], pair: number) =>
    directions.reduce((sum, direction) => sum + of[direction][pair]!, 0);
  const all = Array.from({ length: PAIRS }, (_, pair) => pair);
  const ratios = all.map((pair) =>
    geometricMean(samples.map((of) => time(of[name], pair) / time(of.ours, pair))),
  );
  const ours = geometricMean(samples.map((of) => median(all.map((pair) => time(of.ours, pair)))));
  return {
    work,
    against,
    ratio: median(ratios),
    spread: middleHalf(ratios),
    ...(goal === undefined ? {} : { goal: { atLeast: goal } }),
    note: `geometric mean over ${samples.length} frame types; ours ${ours.toFixed(0)} ns`,
  };
}

function emptySamples(names: readonly CodecName[]): Samples {
  return perCodec(names, () => [] as number[]);
}

function perCodec<T>(
  names: readonly CodecName[],
  value: (name: CodecName, direction: Direction) => T,
): Record<CodecName, Record<Direction, T>> {
  const entries = names.map((name) => [
    name,
    { encode: value(name, "encode"), decode: value(name, "decode") },
  ]);
  return Object.fromEntries(entries) as Record<CodecName, Record<Direction, T>>;
}
