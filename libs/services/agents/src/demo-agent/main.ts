import { writeSync } from "node:fs";
import { systemClock, systemRandom } from "@clawmatrix/environment";
import { endWithClient, standardStream } from "../own-agent-process.ts";
import { serveDemoAgent } from "./demo-agent.ts";
import { directorySessionStore, memorySessionStore } from "./session-store.ts";

/** The longest line that is taken from the client. A longer one ends the connection. */
const MAX_LINE_BYTES = 16 * 1_048_576;
/** The exit code of the command `crash`: an internal software error, by sysexits. */
const CRASH_EXIT_CODE = 70;
const STANDARD_ERROR = 2;

main();

/** The process of the embedded agent: ACP on standard input and output, until standard input ends. */
function main(): void {
  const stateDirectory = process.env.CLAWMATRIX_DEMO_STATE;
  const demo = serveDemoAgent({
    stream: standardStream(MAX_LINE_BYTES),
    clock: systemClock,
    random: systemRandom,
    store: stateDirectory ? directorySessionStore(stateDirectory) : memorySessionStore(),
    crash(message) {
      // At once, since the process does not live to see a write that is still to come.
      writeSync(STANDARD_ERROR, `${message}\n`);
      process.exit(CRASH_EXIT_CODE);
    },
    warn: (message) => console.error(`demo: ${message}`),
  });

  process.on("exit", () => demo.killCommands());
  // By default a signal ends the process without the event above.
  process.on("SIGTERM", () => process.exit(143));
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGHUP", () => process.exit(129));

  endWithClient("demo", demo);
}
