import { serve } from "../../processes/serve.ts";
import { framePassage, streamPassage } from "./mesh-passage.ts";
import { natsPassage } from "./nats-passage.ts";
import type { Contestant, Passage, RelayPlace } from "./passage.ts";
import { jsonPassage, webSocketPassage } from "./websocket-passage.ts";

// The clients' process: both ends of the way through the relay.

const PASSAGES: Record<Contestant, (place: RelayPlace) => Promise<Passage>> = {
  frames: framePassage,
  stream: streamPassage,
  nats: natsPassage,
  websocket: webSocketPassage,
  json: jsonPassage,
};

let passage: Passage | undefined;

serve({
  async connect({ contestant, place }: { contestant: Contestant; place: RelayPlace }) {
    passage = await PASSAGES[contestant](place);
  },
  /** Frames a second. */
  async carry({ frames, bytes }: { frames: number; bytes: number }) {
    const start = performance.now();
    await passage?.carry(frames, bytes);
    return (1000 * frames) / (performance.now() - start);
  },
});
