import type { TuiOptions } from "@clawmatrix/tui";
import type { CommandContext } from "../context.ts";
import { wrongUsage } from "../wrong-usage.ts";

/** `clawmatrix tui`: the terminal UI on the local node. */
export async function openTui(
  context: CommandContext,
  extra: Pick<TuiOptions, "notice" | "firstSession"> = {},
): Promise<number> {
  if (process.stdout.isTTY !== true || process.stdin.isTTY !== true) {
    throw wrongUsage(
      "the terminal UI needs a terminal",
      "`clawmatrix status` and `clawmatrix run` work anywhere.",
    );
  }
  const { openTui: open } = await import("@clawmatrix/tui");
  const { connectToNode } = await import("@clawmatrix/client");
  const { paths, clock, random, env, signal } = context;
  return open({
    connect: () => connectToNode({ socket: paths.socket, clock, random }),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    clock,
    env,
    signal,
    ...extra,
  });
}
