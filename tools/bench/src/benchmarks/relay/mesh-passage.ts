import { systemClock, systemRandom } from "@clawmatrix/environment";
import { FrameFlag } from "@clawmatrix/mesh";
import {
  CallHeader,
  CallLimit,
  Priority,
  StreamOpen,
  TerminalService,
  TerminalServiceOpenResponse,
} from "@clawmatrix/protocol";
import { createClient, overConduit, RawCall } from "@clawmatrix/rpc";
import { BenchNode } from "../../mesh/bench-node.ts";
import type { Passage, RelayPlace } from "./passage.ts";

/** What the destination takes in at once: what a channel has on its way at most. Credit is given back in portions. */
const WINDOW_BYTES = 4 * 1024 * 1024;
const CREDIT_PORTION = 128 * 1024;

async function twoNodes({ port, secret }: RelayPlace) {
  if (secret === undefined) throw new Error("a mesh has a secret");
  const options = { secret, peers: [`ws://127.0.0.1:${port}`] };
  return Promise.all([BenchNode.start(options), BenchNode.start(options)]);
}

/** Frames of one call at the level of `RawCall`: numbered, sealed, acknowledged, under the call's credit. */
export async function framePassage(place: RelayPlace): Promise<Passage> {
  const [source, destination] = await twoNodes(place);
  let arrived: (frames: number) => void = () => undefined;
  destination.channels.onChannel((channel) =>
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
          arrived(received);
          call.end();
        },
        credit: () => undefined,
        ended: () => undefined,
      });
      call.grant(WINDOW_BYTES - CallLimit.INITIAL_CREDIT_BYTES);
      return call;
    }),
  );
  const channel = await source.channelTo(destination.id);
  const { number: type, dedupClass } = TerminalServiceOpenResponse;
  const header = CallHeader.encode({
    callId: systemRandom.bytes(16),
    method: TerminalService.methods.open.number,
  });
  const opening = {
    type: StreamOpen.number,
    flags: StreamOpen.dedupClass,
    header,
    payload: new Uint8Array(0),
  };
  return {
    async carry(frames, bytes) {
      const payload = Buffer.alloc(bytes, 7);
      const all = new Promise<void>((resolve, reject) => {
        arrived = (received) =>
          received === frames ? resolve() : reject(new Error(`${received} frames arrived of ${frames}`));
      });
      let sent = 0;
      const sendOn = (): void => {
        while (sent < frames && call.credit > 0) {
          sent++;
          call.send(type, dedupClass | (sent === frames ? FrameFlag.END : 0), payload);
        }
      };
      const call = RawCall.open(channel, Priority.INTERACTIVE, opening, {
        frame: () => undefined,
        credit: sendOn,
        ended: () => undefined,
      });
      sendOn();
      await all;
    },
  };
}

/** Messages of one typed server-streaming call, encoded and decoded. */
export async function streamPassage(place: RelayPlace): Promise<Passage> {
  const [source, destination] = await twoNodes(place);
  let wanted = { frames: 0, bytes: 0 };
  source.registry.serve(TerminalService, {
    async *open() {
      const { frames, bytes } = wanted;
      const value = Buffer.alloc(bytes, 7);
      for (let i = 0; i < frames; i++) yield { output: { output: { case: "data", value } } };
    },
  });
  const channel = await destination.channelTo(source.id);
  const terminals = createClient(TerminalService, overConduit(channel), {
    clock: systemClock,
    random: systemRandom,
  });
  return {
    async carry(frames, bytes) {
      wanted = { frames, bytes };
      let received = 0;
      for await (const _ of terminals.open(noRequests())) received++;
      if (received !== frames) throw new Error(`${received} messages arrived of ${frames}`);
    },
  };
}

async function* noRequests(): AsyncIterable<never> {}
