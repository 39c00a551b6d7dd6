import type { Random } from "@clawmatrix/environment";
import { Acknowledgement, ChannelClose, ChannelProbe } from "@clawmatrix/protocol";
import type { FuzzTarget } from "../target.ts";
import { AttackedChannels, type HostileChannel } from "./attacked-channels.ts";
import { callFrames } from "./served-calls.ts";

const SEQUENCE_BYTES = 8;

/** What is inside of a channel's packets, sealed as it should be: segments, acknowledgements, frames of calls. */
export async function channelSegments(random: Random): Promise<FuzzTarget> {
  const attacked = await AttackedChannels.start(random);
  let channel: HostileChannel | undefined;
  /** The next segment in order, so that not all of them wait for an earlier one. */
  let sequence = 0;
  const control = (number: number, message: Uint8Array): Uint8Array =>
    Buffer.concat([
      Uint8Array.of(1),
      Buffer.alloc(SEQUENCE_BYTES),
      Uint8Array.of(number >> 8, number, 0, 0, message.length),
      message,
    ]);
  return {
    seeds: [
      ...callFrames().map((frames) => Buffer.concat([Uint8Array.of(0), frames])),
      control(
        Acknowledgement.number,
        Acknowledgement.encode({ cumulative: 0n, ranges: [{ first: 2n, last: 3n }] }),
      ),
      control(ChannelProbe.number, ChannelProbe.encode({})),
      control(ChannelClose.number, ChannelClose.encode({ reason: 1 })),
    ],
    run(input) {
      if (channel?.isOpen() !== true) {
        ({ channel } = attacked.shakeHands());
        sequence = 0;
        if (!channel.isOpen()) throw new Error("the attacker has got no channel, though he is a member");
      }
      const rest = input.subarray(1);
      // By the first byte: the frames of the next segment, or a segment as it is, its number with it.
      if ((input[0] ?? 0) % 2 === 1) return channel.sendSegment(rest);
      const segment = Buffer.concat([Buffer.alloc(SEQUENCE_BYTES), rest]);
      segment.writeBigUInt64BE(BigInt(++sequence));
      channel.sendSegment(segment);
    },
    close: () => attacked.close(),
  };
}
