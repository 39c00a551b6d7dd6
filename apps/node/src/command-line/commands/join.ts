import { formatNodeId } from "@clawmatrix/identity";
import { configurationSource } from "../configuration-source.ts";
import type { CommandContext } from "../context.ts";
import { textOrInput } from "../read-input.ts";

export interface JoinOptions {
  readonly name?: string;
  readonly listen?: string;
}

/** `clawmatrix join INVITATION`: a home that belongs to the mesh of the invitation, admitted at once where that is possible. */
export async function join(context: CommandContext, invitation: string, options: JoinOptions): Promise<void> {
  const { output, paths, env, random, clock, signal } = context;
  const text = await textOrInput(invitation, "invitation");
  const { joinHome } = await import("@clawmatrix/runtime");
  const joined = await joinHome({
    paths,
    env,
    random,
    clock,
    source: configurationSource(paths),
    invitation: text,
    signal,
    onProgress: (progress) => output.note(output.noteStyle("dim", `${progress} …`)),
    ...options,
  });
  if (output.json) {
    return output.document({
      id: formatNodeId(joined.nodeId),
      name: joined.name,
      home: paths.home,
      config: paths.configFile,
      state: joined.admission,
      ...(joined.why === "" ? {} : { why: joined.why }),
    });
  }
  switch (joined.admission) {
    case "admitted":
      output.note(
        `${joined.name} (${formatNodeId(joined.nodeId)}) belongs to the mesh. Next: \`clawmatrix up\`.`,
      );
      return;
    case "pending":
      output.note(`${joined.name} has its home, but an operator has to approve it: ${joined.why}.`);
      output.note(
        "On an operator's node: `clawmatrix members pending`, then `clawmatrix members approve`. Here: `clawmatrix up`.",
      );
      return;
    default:
      output.note(`${joined.name} has its home; the mesh could not be reached yet: ${joined.why}.`);
      output.note("`clawmatrix up` goes on trying, and is let in once it reaches a node of the mesh.");
  }
}
