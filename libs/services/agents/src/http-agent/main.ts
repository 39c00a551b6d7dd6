import { systemClock, systemRandom } from "@clawmatrix/environment";
import { endWithClient, standardStream } from "../own-agent-process.ts";
import { serveHttpAgent } from "./http-agent.ts";

/** The longest line that is taken from the client: a prompt with images. A longer one ends the connection. */
const MAX_LINE_BYTES = 64 * 1_048_576;

main();

/** The process of an agent that is an endpoint: ACP on standard input and output, until standard input ends. */
function main(): void {
  const served = serveHttpAgent({
    stream: standardStream(MAX_LINE_BYTES),
    clock: systemClock,
    random: systemRandom,
    warn: (message) => console.error(`http agent: ${message}`),
  });
  endWithClient("http agent", served);
}
