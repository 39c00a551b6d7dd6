import { systemRandom } from "@clawmatrix/environment";
import { connect } from "@nats-io/transport-node";
import { startNatsServer } from "../../peers/nats-server.ts";
import { Arrivals } from "./arrivals.ts";
import { CuttingProxy } from "./cutting-proxy.ts";
import type { Outcome, ResumeOptions } from "./outcome.ts";

const SUBJECT = "transcript";
/** Bytes that may be on their way. */
const WINDOW_BYTES = 256 * 1024;

/** Two clients of a NATS server, of which the publisher's connection runs over a proxy that cuts it. */
export async function resumeOverNats(options: ResumeOptions): Promise<Outcome | undefined> {
  const { cuts, longestWaitMs, mostBytesBetweenCuts, pieceBytes } = options;
  const server = await startNatsServer({ tls: false });
  if (server === undefined) return undefined;
  const arrivals = new Arrivals();
  const reconnectsMs: number[] = [];
  let made = 0;
  let cutAt = 0;
  const proxy = await CuttingProxy.start({
    port: server.port,
    onCut: () => {
      made++;
      cutAt = performance.now();
    },
  });
  // The same mean wait as that of a back-off with full jitter.
  const quick = { reconnectTimeWait: longestWaitMs / 2, reconnectJitter: 0, maxReconnectAttempts: -1 };
  const source = await connect({ servers: `127.0.0.1:${proxy.port}`, ...quick });
  const destination = await connect({ servers: `127.0.0.1:${server.port}` });
  const cutSoon = (): void => {
    if (made < cuts) proxy.cutAfter(Math.ceil(systemRandom.fraction() * mostBytesBetweenCuts));
  };
  let sent = 0;
  /** Those that cannot be on their way any more. */
  let settled = 0;
  let wake: () => void = () => undefined;
  destination.subscribe(SUBJECT, {
    callback: (_error, { data }) => {
      if (arrivals.piece(Buffer.from(data).readUInt32BE(0))) cutSoon();
      settled++;
      wake();
    },
  });
  await destination.flush();
  void (async () => {
    for await (const { type } of source.status()) {
      if (type !== "reconnect") continue;
      reconnectsMs.push(performance.now() - cutAt);
      arrivals.connected();
      settled = sent;
      wake();
    }
  })();
  cutSoon();
  while (made < cuts) {
    while ((sent - settled) * pieceBytes < WINDOW_BYTES) {
      const piece = Buffer.alloc(pieceBytes, 7);
      piece.writeUInt32BE(sent++, 0);
      source.publish(SUBJECT, piece);
    }
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  while (reconnectsMs.length < made) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  await source.flush();
  await destination.flush();
  await Promise.all([source.close(), destination.close()]);
  await proxy.stop();
  await server.end();
  const { doubled, outOfOrder, gapsMs } = arrivals;
  return { lost: arrivals.lostOf(sent), doubled, outOfOrder, sent, gapsMs, reconnectsMs };
}
