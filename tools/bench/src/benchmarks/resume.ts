import type { Benchmark, Row } from "../benchmark.ts";
import { NATS_MISSING } from "../peers/nats-server.ts";
import { quantile } from "../statistics.ts";
import { resumeOverMesh } from "./resume/mesh-resume.ts";
import { resumeOverNats } from "./resume/nats-resume.ts";
import type { Outcome, ResumeOptions } from "./resume/outcome.ts";

const OPTIONS: ResumeOptions = {
  cuts: 1_000,
  transcriptBytes: 5 * 1024 * 1024,
  pieceBytes: 1024,
  mostBytesBetweenCuts: 512 * 1024,
  longestWaitMs: 12,
};

export const benchmark: Benchmark = {
  name: "resume",
  work: `a link is cut ${OPTIONS.cuts} times at random while transcripts of 5 MB stream over it; waits between attempts scaled to ${OPTIONS.longestWaitMs} ms`,
  async run(report) {
    report("ours");
    const ours = await resumeOverMesh(OPTIONS);
    report("nats.js");
    const nats = await resumeOverNats(OPTIONS);
    return rows(ours, nats);
  },
};

function rows(ours: Outcome, nats: Outcome | undefined): Row[] {
  const { bytes, inFlightBytes } = ours.resent ?? { bytes: 0, inFlightBytes: 0 };
  const gap = quantile(ours.gapsMs, 0.95);
  const plain = quantile(ours.reconnectsMs, 0.95);
  const theirGap = nats === undefined ? undefined : quantile(nats.gapsMs, 0.95);
  return [
    {
      work: "lost, doubled or out of order",
      against: "none",
      ratio: ours.lost + ours.doubled + ours.outOfOrder,
      goal: { atMost: 0 },
      note: `of ${ours.sent.toLocaleString("en")} pieces; nats.js: ${nats === undefined ? NATS_MISSING : faults(nats)}`,
    },
    {
      work: "gap in the stream, p95",
      against: "plain reconnect, p95",
      ratio: gap / plain,
      goal: { atMost: 2 },
      note: `${gap.toFixed(1)} ms against ${plain.toFixed(1)} ms; p50 ${quantile(ours.gapsMs, 0.5).toFixed(1)} ms`,
    },
    {
      work: "gap in the stream, p95",
      against: "nats.js",
      ratio: theirGap === undefined ? undefined : gap / theirGap,
      note: theirGap === undefined ? NATS_MISSING : `${gap.toFixed(1)} ms against ${theirGap.toFixed(1)} ms`,
    },
    {
      work: "bytes sent again",
      against: "bytes on their way at the cuts",
      ratio: bytes / inFlightBytes,
      goal: { atMost: 1.2 },
      note: `${mebibytes(bytes)} against ${mebibytes(inFlightBytes)}`,
    },
  ];
}

function faults({ lost, doubled, outOfOrder, sent }: Outcome): string {
  return `${lost} lost, ${doubled} doubled, ${outOfOrder} out of order of ${sent.toLocaleString("en")}`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
