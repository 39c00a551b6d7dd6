import { isAbsolute, join } from "node:path";
import { SessionSource } from "@clawmatrix/protocol";
import { inParallel } from "../../files/in-parallel.ts";
import { listDirectory } from "../../files/list-directory.ts";
import { type FoundTranscript, NOT_INDEXED, type Program } from "../program.ts";
import { ClaudeFacts } from "./claude-facts.ts";
import { readClaudeHistory, readProjectIndex } from "./claude-indexes.ts";
import { claudeUpdates } from "./claude-updates.ts";

/** Sub-agents have `agent-….jsonl`; a session's file is named by its id. */
const TRANSCRIPT = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.jsonl$/i;
/** Project directories read at once. */
const WIDTH = 8;

/**
 * Claude Code: `projects/<directory, with "-" for what is no letter>/<session id>.jsonl` below ~/.claude or CLAUDE_CONFIG_DIR.
 * The name of a project's directory does not give its path back; the lines do. The format is nowhere documented by its
 * makers; it is as public readers have it, among them github.com/jeremedia/claude-code-log-format and
 * github.com/letta-ai/letta-code (claude-format.md).
 */
export const claudeCode: Program = {
  name: "claude-code",
  title: "Claude Code",
  source: SessionSource.CLAUDE_CODE,
  directory(env, home) {
    const moved = env.CLAUDE_CONFIG_DIR ?? "";
    return isAbsolute(moved) ? moved : join(home, ".claude");
  },
  async find(root) {
    const projects = join(root, "projects");
    const { directories } = await listDirectory(root, projects);
    const history = await readClaudeHistory(root);
    const found = await inParallel(directories, WIDTH, async (name) => {
      const path = join(projects, name);
      const { files } = await listDirectory(root, path);
      const index = files.includes("sessions-index.json") ? await readProjectIndex(root, path) : undefined;
      return files.flatMap((file): FoundTranscript[] => {
        const id = TRANSCRIPT.exec(file)?.[1];
        if (id === undefined) return [];
        const indexed = { ...NOT_INDEXED, ...history.get(id), ...index?.get(id) };
        return [{ path: join(path, file), key: id, agentSessionId: id, indexed }];
      });
    });
    return found.flat();
  },
  factsReader: () => new ClaudeFacts(),
  converter: () => claudeUpdates,
};
