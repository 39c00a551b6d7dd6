import { SessionSource } from "@clawmatrix/protocol";
import type { AgentSettings } from "../agent-settings.ts";

/** Commands that speak ACP for a program that keeps sessions, with the names they had before. */
const COMMANDS: ReadonlyMap<string, SessionSource> = new Map([
  ["claude-agent-acp", SessionSource.CLAUDE_CODE],
  ["claude-code-acp", SessionSource.CLAUDE_CODE],
  ["codex-acp", SessionSource.CODEX],
]);

/** Whose sessions an agent takes up besides those that it was opened with here; undefined: nobody's. */
export function programOf({ command }: Pick<AgentSettings, "command">): SessionSource | undefined {
  // The program may be started by another: npx, node, env, a script's path.
  const names = command.flatMap(namesIn);
  const known = names.map((name) => COMMANDS.get(name)).find((source) => source !== undefined);
  if (known !== undefined) return known;
  const at = names.indexOf("openclaw");
  return at >= 0 && names.slice(at + 1).includes("acp") ? SessionSource.OPENCLAW : undefined;
}

/** "/opt/bin/codex-acp.js", "@agentclientprotocol/codex-acp@2.6.0" and "…/node_modules/…/codex-acp/dist/index.js" all name codex-acp. */
function namesIn(word: string): string[] {
  return word
    .split(/[/\\]/)
    .map((part) => part.replace(/(?<=.)@.*$/, "").replace(/\.(?:[cm]?js|exe|cmd)$/, ""));
}
