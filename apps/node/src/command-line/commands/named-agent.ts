import { type FoundAgent, findAgentSoon } from "@clawmatrix/client";
import type { MeshStatus } from "@clawmatrix/protocol";
import type { CommandContext } from "../context.ts";

/** The agent that was named on the command line, and the mesh as it was found in. Waits for a mesh that settles. */
export async function namedAgent(
  { connect, clock, signal, output }: CommandContext,
  text: string,
): Promise<FoundAgent & { readonly status: MeshStatus }> {
  const { status, found } = await findAgentSoon(await connect(), text, {
    clock,
    signal,
    onWaiting: () => output.note(output.noteStyle("dim", "waiting for the mesh to settle …")),
  });
  return { ...found, status };
}
