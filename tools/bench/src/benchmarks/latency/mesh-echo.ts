import { systemClock, systemRandom } from "@clawmatrix/environment";
import { parseNodeId } from "@clawmatrix/identity";
import { DiagnosticService } from "@clawmatrix/protocol";
import { createClient, overConduit } from "@clawmatrix/rpc";
import { BenchNode } from "../../mesh/bench-node.ts";
import type { Caller, Place } from "./caller.ts";

/** What a bulk stream sends at a time, in bytes. */
const BULK_BYTES = 16 * 1024;

/** Answers pings, and streams as much as anybody takes. `address`: the relay to dial; empty: it listens itself. */
export async function meshEcho({ address, secret }: Place): Promise<Place> {
  const node = await start(address, secret);
  node.registry.serve(DiagnosticService, {
    ping: async ({ payload }) => ({ payload }),
    async *tailLog(_request, { signal }) {
      const lines = ["x".repeat(BULK_BYTES)];
      while (!signal.aborted) yield { lines };
    },
  });
  return { address: address || node.address, target: node.id, ...(secret ? { secret } : {}) };
}

/** Forwards. It dials `address` unless that is empty. */
export async function meshRelay({ address, secret }: Place): Promise<Place> {
  const node = await start(address, secret, true);
  return { address: node.address, ...(secret ? { secret } : {}) };
}

export async function meshCaller({ address, secret, target = "" }: Place): Promise<Caller> {
  const node = await start(address, secret);
  const channel = await node.channelTo(parseNodeId(target));
  const options = { clock: systemClock, random: systemRandom };
  const diagnostics = createClient(DiagnosticService, overConduit(channel), options);
  let stop = new AbortController();
  return {
    call: (payload) => diagnostics.ping({ payload }),
    async bulk(streams) {
      stop.abort();
      stop = new AbortController();
      const { signal } = stop;
      const begun = Array.from({ length: streams }, async () => {
        const stream = diagnostics.tailLog({}, { signal, timeoutMs: 0 })[Symbol.asyncIterator]();
        await stream.next();
        void drain(stream, signal);
      });
      await Promise.all(begun);
    },
  };
}

async function drain(stream: AsyncIterator<unknown>, signal: AbortSignal): Promise<void> {
  try {
    while (!(await stream.next()).done);
  } catch (failure) {
    if (!signal.aborted) throw failure;
  }
}

function start(
  address: string,
  secret: Uint8Array | undefined,
  listens = address === "",
): Promise<BenchNode> {
  if (secret === undefined) throw new Error("a mesh has a secret");
  return BenchNode.start({ secret, listens, peers: address === "" ? [] : [address] });
}
