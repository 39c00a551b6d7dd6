import { connectToNode } from "@clawmatrix/client";
import { serveEditor } from "@clawmatrix/client/acp";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";

export interface AcpOptions {
  readonly cwd?: string;
}

/** `clawmatrix acp AGENT[@NODE]`: an agent of the mesh as an ACP agent on standard input and output, for editors. */
export async function serveAcp(context: CommandContext, agent: string, options: AcpOptions): Promise<number> {
  const { clock, random, paths, signal, output } = context;
  await serveEditor({
    agent,
    cwd: options.cwd,
    connect: () => connectToNode({ socket: paths.socket, clock, random }),
    clock,
    random,
    input: process.stdin,
    output: process.stdout,
    signal,
    note: (text) => output.note(text),
  });
  return signal.aborted ? ExitCode.interrupted : ExitCode.done;
}
