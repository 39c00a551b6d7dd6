import type { Random } from "@clawmatrix/environment";
import type { FuzzTarget } from "../target.ts";
import { AttackedChannels } from "./attacked-channels.ts";

/** Handshakes of one peer that a node answers and that are not finished yet. */
const MOST_UNFINISHED = 4;

/** Packets of channels: handshakes, resets, and what claims to be sealed. */
export async function channelPackets(random: Random): Promise<FuzzTarget> {
  const attacked = await AttackedChannels.start(random);
  const { packets } = attacked.shakeHands();
  return {
    seeds: [...packets, Uint8Array.of(5, 0, 0, 0, 77), Uint8Array.of(4, 0, 0, 0, 1, ...random.bytes(40))],
    run(input) {
      attacked.send(input);
      if (attacked.channels.unfinished > MOST_UNFINISHED) throw new Error("too many handshakes are kept");
    },
    close: () => attacked.close(),
  };
}
