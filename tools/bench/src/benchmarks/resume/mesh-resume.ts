import { systemRandom } from "@clawmatrix/environment";
import { FrameFlag } from "@clawmatrix/mesh";
import { CallLimit } from "@clawmatrix/protocol";
import { RawCall } from "@clawmatrix/rpc";
import { BenchNode } from "../../mesh/bench-node.ts";
import { sendFrames } from "../../mesh/send-frames.ts";
import { Arrivals } from "./arrivals.ts";
import { CuttingProxy } from "./cutting-proxy.ts";
import type { Outcome, ResumeOptions } from "./outcome.ts";

/** Cuts with nothing on the link, to know what a plain reconnect takes. */
const PLAIN_CUTS = 100;
/** The longest wait of a dialer's back-off: its jitter is scaled so that this becomes `longestWaitMs`. */
const LONGEST_BACK_OFF_MS = 60_000;

/** Two nodes, whose one link runs over a proxy that cuts it. */
export async function resumeOverMesh(options: ResumeOptions): Promise<Outcome> {
  const { cuts, longestWaitMs, mostBytesBetweenCuts } = options;
  const arrivals = new Arrivals();
  const inFlight = { bytes: 0 };
  const reconnectsMs: number[] = [];
  let made = 0;
  let cutAt = 0;
  let plain = true;
  let reconnected: () => void = () => undefined;

  const secret = systemRandom.bytes(32);
  const destination = await BenchNode.start({ secret, listens: true });
  const proxy = await CuttingProxy.start({
    port: destination.mesh.listenAddress?.port ?? 0,
    onCut: () => {
      cutAt = performance.now();
      if (plain) return;
      made++;
      for (const channel of source.channels.channels()) inFlight.bytes += channel.traffic.onTheirWayBytes;
    },
  });
  const random = {
    ...systemRandom,
    fraction: () => (systemRandom.fraction() * longestWaitMs) / LONGEST_BACK_OFF_MS,
  };
  const source = await BenchNode.start({ secret, peers: [`ws://127.0.0.1:${proxy.port}`], random });
  const cutSoon = (): void => {
    if (made < cuts) proxy.cutAfter(Math.ceil(systemRandom.fraction() * mostBytesBetweenCuts));
  };
  destination.mesh.onRouteChange((node) => {
    if (node !== source.id || !destination.mesh.isNeighbour(node) || cutAt === 0) return;
    if (plain) reconnectsMs.push(performance.now() - cutAt);
    else arrivals.connected();
    cutAt = 0;
    reconnected();
  });
  let transcriptArrived: () => void = () => undefined;
  destination.channels.onChannel((channel) =>
    channel.accept((lane, _type, _flags, _header, opening) => {
      const call = RawCall.take(lane, opening.length, {
        frame: (_frameType, flags, payload) => {
          if (arrivals.piece(Buffer.from(payload).readUInt32BE(0))) cutSoon();
          call.grant(payload.length);
          if ((flags & FrameFlag.END) === 0) return;
          call.end();
          transcriptArrived();
        },
        credit: () => undefined,
        ended: () => undefined,
      });
      call.grant(4 * 1024 * 1024 - CallLimit.INITIAL_CREDIT_BYTES);
      return call;
    }),
  );
  const channel = await source.channelTo(destination.id);
  for (let i = 0; i < PLAIN_CUTS; i++) {
    const stands = new Promise<void>((resolve) => {
      reconnected = resolve;
    });
    proxy.cut();
    await stands;
  }
  plain = false;
  cutSoon();
  let sent = 0;
  while (made < cuts) {
    const arrived = new Promise<void>((resolve) => {
      transcriptArrived = resolve;
    });
    sent = sendTranscript(channel, sent, options);
    await arrived;
  }
  const { resentBytes } = channel.traffic;
  await Promise.all([source.stop(), destination.stop(), proxy.stop()]);
  const { doubled, outOfOrder, gapsMs } = arrivals;
  const resent = { bytes: resentBytes, inFlightBytes: inFlight.bytes };
  return { lost: arrivals.lostOf(sent), doubled, outOfOrder, sent, gapsMs, reconnectsMs, resent };
}

/** Returns the number of the piece that follows the last of the transcript. */
function sendTranscript(
  channel: Awaited<ReturnType<BenchNode["channelTo"]>>,
  first: number,
  { transcriptBytes, pieceBytes }: ResumeOptions,
): number {
  const end = first + Math.floor(transcriptBytes / pieceBytes);
  sendFrames(channel, {
    count: end - first,
    payloadOf: (index) => {
      const piece = Buffer.alloc(pieceBytes, 7);
      piece.writeUInt32BE(first + index, 0);
      return piece;
    },
  });
  return end;
}
