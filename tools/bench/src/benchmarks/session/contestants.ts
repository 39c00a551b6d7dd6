import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { catalogue } from "@clawmatrix/agents/catalogue";
import { type AgentLaunch, claude, codex, findInstalledAgent, type RealAgent } from "@clawmatrix/real-agents";
import { onPath } from "../../peers/on-path.ts";

/** A published agent that is installed here, set up twice: for the node, and to be spoken to directly. */
export interface PublishedAgent {
  readonly id: string;
  readonly offered: AgentLaunch;
  readonly direct: AgentLaunch;
  /** It starts a process of its own for each session, which nobody can keep warm. */
  readonly processPerSession: boolean;
}

export interface Published {
  readonly installed: readonly PublishedAgent[];
  /** Ids of those that are not. */
  readonly missing: readonly string[];
}

/** Those that `npm run test:agents` installs. */
export async function publishedAgents(directory: string, modelOrigin: string): Promise<Published> {
  const installed: PublishedAgent[] = [];
  const missing: string[] = [];
  for (const agent of [codex, claude]) {
    const entry = await findInstalledAgent(agent, process.env);
    if (entry === undefined) {
      missing.push(agent.id);
      continue;
    }
    const prepare = async (place: string): Promise<AgentLaunch> => {
      const settingsDirectory = join(directory, `${agent.id}-${place}`);
      await mkdir(settingsDirectory);
      return await agent.prepare({ entry, settingsDirectory, modelOrigin });
    };
    const [offered, direct] = [await prepare("offered"), await prepare("direct")];
    installed.push({ id: agent.id, offered, direct, processPerSession: isProcessPerSession(agent) });
  }
  return { installed, missing };
}

function isProcessPerSession({ id }: RealAgent): boolean {
  return id === claude.id;
}

/** The further agents of the catalogue that are on the PATH. */
export function catalogueOnPath(): { readonly id: string; readonly command: readonly string[] }[] {
  return catalogue.flatMap(({ id, command: [program = "", ...args] }) => {
    if (program === "" || id === codex.id || id === claude.id) return [];
    const found = onPath(program);
    return found === undefined ? [] : [{ id, command: [found, ...args] }];
  });
}
