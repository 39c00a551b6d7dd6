import type { CommandContext } from "../context.ts";
import { parseDuration } from "../parse-duration.ts";

export interface DownOptions {
  readonly grace: string;
}

/** `clawmatrix down`: stops the node, and returns when it is gone. */
export async function down(context: CommandContext, options: DownOptions): Promise<void> {
  const { output, signal } = context;
  const graceMs = parseDuration(options.grace, "--grace");
  const connection = await context.connect();
  try {
    for await (const { progress } of connection.local().shutdown({ graceMs }, { signal })) {
      output.note(output.noteStyle("dim", `${progress} …`));
    }
  } catch (thrown) {
    // The last thing that a stopping node does is to hang up.
    if (signal.aborted) throw thrown;
  }
  await connection.closed;
  if (output.json) output.document({ stopped: true });
  else output.note("The node is stopped.");
}
