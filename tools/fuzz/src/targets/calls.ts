import { duplexPair } from "node:stream";
import { type Random, silentLogger, VirtualClock } from "@clawmatrix/environment";
import { Identity } from "@clawmatrix/identity";
import { CallRouter, CallServer, StreamConduit } from "@clawmatrix/rpc";
import type { FuzzTarget } from "../target.ts";
import { callFrames, servedForTheAttacker } from "./served-calls.ts";

/** The bytes of a client on the local socket: frames behind their length, each of which opens or continues a call. */
export function calls(random: Random): FuzzTarget {
  const clock = new VirtualClock();
  const { nodeId: self } = Identity.generate(random);
  const server = new CallServer({
    self,
    registry: servedForTheAttacker(),
    clock,
    random,
    logger: silentLogger,
    isMember: () => true,
    isOperator: () => false,
    authorize: () => undefined,
  });
  const unreachable = { channelTo: () => Promise.reject(new Error("no node is reached here")) };
  const router = new CallRouter({ self, server, channels: unreachable });
  const seeds = callFrames().map((frame) => Buffer.concat([Uint8Array.of(0, 0, 0, frame.length), frame]));
  return {
    seeds: [...seeds, Buffer.concat(seeds)],
    async run(input) {
      const [here, there] = duplexPair();
      const conduit = new StreamConduit(there, { role: "server", clock, logger: silentLogger });
      router.attachClient(conduit);
      here.on("error", () => undefined).resume();
      here.write(input);
      await turn();
      clock.advance(1);
      await turn();
      here.end();
      await turn();
      await turn();
      if (conduit.ended === undefined || conduit.openCalls > 0)
        throw new Error("calls outlive their connection");
    },
  };
}

/** Streams take some turns of the event loop. */
async function turn(): Promise<void> {
  for (let left = 4; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
}
