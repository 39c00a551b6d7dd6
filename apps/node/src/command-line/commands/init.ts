import { formatNodeId } from "@clawmatrix/identity";
import { configurationSource } from "../configuration-source.ts";
import type { CommandContext } from "../context.ts";
import { findInstalledAgents } from "../installed-agents.ts";

export interface InitOptions {
  readonly name?: string;
  readonly listen?: string;
}

/** `clawmatrix init`: a home with an identity and a new mesh, whose founder this node is. */
export async function init(context: CommandContext, options: InitOptions): Promise<void> {
  const { output, paths, random, clock } = context;
  const { createHome } = await import("@clawmatrix/runtime");
  const { name, nodeId } = await createHome({
    paths,
    random,
    clock,
    source: configurationSource(paths),
    ...options,
  });
  if (output.json)
    return output.document({ id: formatNodeId(nodeId), name, home: paths.home, config: paths.configFile });
  output.note(`A new mesh; ${name} (${formatNodeId(nodeId)}) is its founder.`);
  output.note(`  home           ${paths.home}`);
  output.note(`  configuration  ${paths.configFile}`);
  output.note("");
  output.note(
    "Next: `clawmatrix up` runs the node, `clawmatrix invite` takes another machine into the mesh.",
  );
  const found = await findInstalledAgents(context.env);
  if (found.length > 0) {
    output.note(
      `Agents found on this machine: ${found.join(", ")}. Offer one with \`clawmatrix agents add ${found[0]}\`.`,
    );
  }
  if (options.listen === undefined) {
    output.note(
      "It accepts no peers: others join through a node with `init --listen HOST:PORT`, or set [mesh] listen here.",
    );
  }
}
