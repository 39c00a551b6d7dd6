import { existsSync } from "node:fs";
import type { Clock } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import type { CommandContext } from "../context.ts";
import { parseDuration } from "../parse-duration.ts";

export interface DownOptions {
  readonly grace: string;
}

/** How long a node may take to let go of its home once it has hung up, in milliseconds, and how often that is looked at. */
const LET_GO_MS = 10_000;
const LOOK_MS = 10;

/** `clawmatrix down`: stops the node, and returns when it is gone and its home is free. */
export async function down(context: CommandContext, options: DownOptions): Promise<void> {
  const { output, signal, paths, clock } = context;
  const graceMs = parseDuration(options.grace, "--grace");
  const connection = await context.connect();
  try {
    // On the wire 0 means "as the node thinks best".
    const request = { graceMs: Math.max(1, graceMs) };
    for await (const { progress } of connection.local().shutdown(request, { signal })) {
      output.note(output.noteStyle("dim", `${progress} …`));
    }
  } catch (thrown) {
    // The last thing that a stopping node does is to hang up.
    if (signal.aborted) throw thrown;
  }
  await connection.closed;
  await untilGone(paths.pidFile, clock);
  if (output.json) output.document({ stopped: true });
  else output.note("The node is stopped.");
}

/** A node takes its process id away when it lets the next one into the home. */
async function untilGone(pidFile: string, clock: Clock): Promise<void> {
  const start = clock.monotonic();
  while (existsSync(pidFile)) {
    if (clock.monotonic() - start > LET_GO_MS) {
      throw new StatusError(StatusCode.DEADLINE_EXCEEDED, "the node has hung up, but does not end", {
        hint: `Its process id is in ${pidFile}.`,
      });
    }
    await new Promise<void>((resolve) => clock.schedule(LOOK_MS, resolve, { keepAlive: true }));
  }
}
