import { serve } from "../../processes/serve.ts";
import { framePassage, streamPassage } from "./mesh-passage.ts";
import { natsPassage } from "./nats-passage.ts";
import type { Contestant, Destination, Load, Passage, RelayPlace, Source } from "./passage.ts";
import { jsonPassage, webSocketPassage } from "./websocket-passage.ts";

// The process of one end of a way through a relay.

const PASSAGES: Record<Contestant, Passage> = {
  frames: framePassage,
  stream: streamPassage,
  nats: natsPassage,
  websocket: webSocketPassage,
  json: jsonPassage,
};

interface Connect {
  readonly contestant: Contestant;
  readonly place: RelayPlace;
}

let source: Source | undefined;
let destination: Destination | undefined;

serve({
  async source({ contestant, place }: Connect) {
    source = await PASSAGES[contestant].source(place);
    return source.id;
  },
  async destination({ contestant, place }: Connect) {
    destination = await PASSAGES[contestant].destination(place);
    return destination.id;
  },
  send: ({ load, to }: { load: Load; to: string | undefined }) => source?.send(load, to),
  expect: (load: Load) => destination?.expect(load),
  arrived: () => destination?.arrived(),
});
