import { Readable, Writable } from "node:stream";
import { ndJsonStream } from "@agentclientprotocol/sdk";
import { systemClock } from "@clawmatrix/environment";

/** An agent of this package, while it serves its client. */
export interface OwnAgent {
  /** Resolves when the client is gone. */
  readonly closed: Promise<void>;
  /** Ends what runs. */
  stop(): Promise<void>;
}

/** How long what runs may take to end, once the client is gone, before the process ends without it. */
const STOP_MS = 2_000;

/** ACP on standard input and output. A line longer than this ends the connection. */
export function standardStream(maxLineBytes: number): ReturnType<typeof ndJsonStream> {
  return ndJsonStream(
    Writable.toWeb(process.stdout) as WritableStream<Uint8Array>,
    Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>,
    { maxMessageBytes: maxLineBytes },
  );
}

/** Ends this process when the agent's client is gone. `name`: what its standard error is told under. */
export function endWithClient(name: string, agent: OwnAgent): void {
  agent.closed
    .then(() => {
      systemClock.schedule(STOP_MS, () => process.exit(0));
      return agent.stop();
    })
    .then(() => process.exit(0))
    .catch((error) => {
      console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      process.exit(1);
    });
}
