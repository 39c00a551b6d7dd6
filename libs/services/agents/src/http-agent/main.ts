import { Readable, Writable } from "node:stream";
import { ndJsonStream } from "@agentclientprotocol/sdk";
import { systemClock, systemRandom } from "@clawmatrix/environment";
import { serveHttpAgent } from "./http-agent.ts";

/** The longest line that is taken from the client: a prompt with images. A longer one ends the connection. */
const MAX_LINE_BYTES = 64 * 1_048_576;
/** How long requests may take to end, once the client is gone, before the process ends without them. */
const STOP_MS = 2_000;

main();

/** The process of an agent that is an endpoint: ACP on standard input and output, until standard input ends. */
function main(): void {
  const served = serveHttpAgent({
    stream: ndJsonStream(
      Writable.toWeb(process.stdout) as WritableStream<Uint8Array>,
      Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>,
      { maxMessageBytes: MAX_LINE_BYTES },
    ),
    clock: systemClock,
    random: systemRandom,
    warn: (message) => console.error(`http agent: ${message}`),
  });
  served.closed
    .then(() => {
      systemClock.schedule(STOP_MS, () => process.exit(0));
      return served.stop();
    })
    .then(() => process.exit(0))
    .catch((error) => {
      console.error(`http agent: ${error instanceof Error ? error.message : String(error)}`);
      process.exit(1);
    });
}
