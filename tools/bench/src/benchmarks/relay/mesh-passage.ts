import { systemClock, systemRandom } from "@clawmatrix/environment";
import { parseNodeId } from "@clawmatrix/identity";
import { FrameFlag } from "@clawmatrix/mesh";
import { CallLimit, TerminalService } from "@clawmatrix/protocol";
import { createClient, overConduit, RawCall } from "@clawmatrix/rpc";
import { BenchNode } from "../../mesh/bench-node.ts";
import { sendFrames } from "../../mesh/send-frames.ts";
import type { Destination, Load, Passage, RelayPlace, Source } from "./passage.ts";

/** What the destination takes in at once: what a channel has on its way at most. Credit is given back in portions. */
const WINDOW_BYTES = 4 * 1024 * 1024;
const CREDIT_PORTION = 128 * 1024;

function join({ port, secret }: RelayPlace): Promise<BenchNode> {
  if (secret === undefined) throw new Error("a mesh has a secret");
  return BenchNode.start({ secret, peers: [`ws://127.0.0.1:${port}`] });
}

/** Frames of one call at the level of `RawCall`: numbered, sealed, acknowledged, under the call's credit. */
export const framePassage: Passage = {
  async source(place): Promise<Source> {
    const node = await join(place);
    return { send: (load, to = "") => sendLoad(node, load, to) };
  },
  async destination(place): Promise<Destination> {
    const node = await join(place);
    let arrived = Promise.withResolvers<number>();
    let expected = 0;
    node.channels.onChannel((channel) =>
      channel.accept((lane, _type, _flags, _header, opening) => {
        let received = 0;
        let owed = 0;
        const call = RawCall.take(lane, opening.length, {
          frame: (_frameType, flags, payload) => {
            received++;
            owed += Math.max(payload.length, CallLimit.LEAST_FRAME_COST);
            if (owed >= CREDIT_PORTION) {
              call.grant(owed);
              owed = 0;
            }
            if ((flags & FrameFlag.END) === 0) return;
            arrived.resolve(received);
            call.end();
          },
          credit: () => undefined,
          ended: (error) => arrived.reject(error ?? new Error("the call ended early")),
        });
        call.grant(WINDOW_BYTES - CallLimit.INITIAL_CREDIT_BYTES);
        return call;
      }),
    );
    return {
      id: node.id,
      async expect({ frames }) {
        expected = frames;
        arrived = Promise.withResolvers();
      },
      async arrived() {
        const received = await arrived.promise;
        if (received !== expected) throw new Error(`${received} frames arrived of ${expected}`);
      },
    };
  },
};

async function sendLoad(node: BenchNode, { frames, bytes }: Load, to: string): Promise<void> {
  const channel = await node.channelTo(parseNodeId(to));
  const payload = Buffer.alloc(bytes, 7);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  sendFrames(channel, {
    count: frames,
    payloadOf: () => payload,
    ended: (error) => (error === undefined ? resolve() : reject(error)),
  });
  await promise;
}

/** Messages of one typed server-streaming call, encoded and decoded: the source serves it. */
export const streamPassage: Passage = {
  async source(place): Promise<Source> {
    const node = await join(place);
    node.registry.serve(TerminalService, {
      async *open(requests) {
        for await (const { message } of requests) {
          if (message.case !== "start") continue;
          const { columns: frames = 0, rows: bytes = 0 } = message.value.size ?? {};
          const value = Buffer.alloc(bytes, 7);
          for (let i = 0; i < frames; i++) yield { output: { output: { case: "data", value } } };
          return;
        }
      },
    });
    return { id: node.id, send: async () => undefined };
  },
  async destination(place): Promise<Destination> {
    const node = await join(place);
    const channel = await node.channelTo(parseNodeId(place.source ?? ""));
    const terminals = createClient(TerminalService, overConduit(channel), {
      clock: systemClock,
      random: systemRandom,
    });
    let expected: Load = { frames: 0, bytes: 0 };
    return {
      async expect(load) {
        expected = load;
      },
      async arrived() {
        let received = 0;
        for await (const _ of terminals.open(wanted(expected))) received++;
        if (received !== expected.frames)
          throw new Error(`${received} messages arrived of ${expected.frames}`);
      },
    };
  },
};

/** What the source shall send, in a request that has room for two numbers. */
async function* wanted({ frames, bytes }: Load) {
  yield { message: { case: "start", value: { size: { columns: frames, rows: bytes } } } } as const;
}
