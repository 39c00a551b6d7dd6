import { serve } from "../../processes/serve.ts";
import type { Caller, Contestant, Place } from "./caller.ts";
import { libp2pCaller } from "./libp2p-echo.ts";
import { meshCaller } from "./mesh-echo.ts";
import { natsCaller } from "./nats-echo.ts";
import { webSocketCaller } from "./websocket-echo.ts";

// The process that calls.

const CALLERS: Record<Contestant, (place: Place) => Promise<Caller>> = {
  mesh: meshCaller,
  websocket: webSocketCaller,
  nats: natsCaller,
  libp2p: libp2pCaller,
};

const PAYLOAD = Buffer.alloc(256, 7);

let caller: Caller | undefined;

serve({
  async connect({ contestant, place }: { contestant: Contestant; place: Place }) {
    caller = await CALLERS[contestant](place);
  },
  /** Milliseconds of each of `calls`, `inFlight` at a time, and of all together. */
  async call({ calls, inFlight }: { calls: number; inFlight: number }) {
    const times: number[] = [];
    let left = calls;
    const start = performance.now();
    const one = async (): Promise<void> => {
      while (left-- > 0) {
        const before = performance.now();
        await caller?.call(PAYLOAD);
        times.push(performance.now() - before);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, one));
    return { times, took: performance.now() - start };
  },
  bulk: (streams: number) => caller?.bulk?.(streams),
});
