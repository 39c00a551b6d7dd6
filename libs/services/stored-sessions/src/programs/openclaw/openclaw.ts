import { basename, isAbsolute, join, relative } from "node:path";
import { isJsonObject, type JsonObject } from "@clawmatrix/acp-wire";
import { SessionSource } from "@clawmatrix/protocol";
import { inParallel } from "../../files/in-parallel.ts";
import { readIndexFile } from "../../files/index-file.ts";
import { objectIn, textIn, timeIn } from "../../files/json-line.ts";
import { listDirectory } from "../../files/list-directory.ts";
import { shortText } from "../../short-text.ts";
import { type FoundTranscript, type IndexedFacts, NOT_INDEXED, type Program } from "../program.ts";
import { OpenClawFacts } from "./openclaw-facts.ts";
import { openClawUpdates } from "./openclaw-updates.ts";

/** OpenClaw's own rule for session ids (`SAFE_SESSION_ID_RE`), which is also a rule for names of files. */
const TRANSCRIPT = /^([a-z0-9][a-z0-9._-]{0,127})\.jsonl$/i;
/** Copies that it makes of a transcript. */
const COPY = /\.(?:checkpoint|bak|deleted|reset)\b/;
/** Agents read at once. */
const WIDTH = 4;

interface Indexed extends IndexedFacts {
  /** By which the gateway, and `openclaw acp`, knows the conversation. */
  readonly sessionKey: string;
}

/**
 * OpenClaw: `agents/<agent>/sessions/sessions.json`, an object of sessions by their key, and `<session id>.jsonl` beside it,
 * below ~/.openclaw, OPENCLAW_STATE_DIR, or `.openclaw` in OPENCLAW_HOME. As in github.com/openclaw/openclaw: src/config/paths.ts,
 * src/config/sessions/types.ts (`SessionEntry`) and paths.ts; the transcripts are those of the pi agent (docs/session.md of
 * pi's coding agent).
 */
export const openClaw: Program = {
  name: "openclaw",
  title: "OpenClaw",
  source: SessionSource.OPENCLAW,
  directory(env, home) {
    const expand = (path: string): string => path.replace(/^~(?=\/|$)/, home);
    const moved = expand(env.OPENCLAW_STATE_DIR?.trim() ?? "");
    if (isAbsolute(moved)) return moved;
    const own = expand(env.OPENCLAW_HOME?.trim() ?? "");
    return join(isAbsolute(own) ? own : home, ".openclaw");
  },
  async find(root) {
    const { directories } = await listDirectory(root, join(root, "agents"));
    const found = await inParallel(directories, WIDTH, async (agent) => {
      const sessions = join(root, "agents", agent, "sessions");
      const { files } = await listDirectory(root, sessions);
      const index = files.includes("sessions.json")
        ? await readIndex(root, sessions)
        : new Map<string, Indexed>();
      return files.flatMap((file): FoundTranscript[] => {
        const id = TRANSCRIPT.exec(file)?.[1];
        if (id === undefined || COPY.test(file)) return [];
        const indexed = index.get(file);
        const agentSessionId = indexed?.sessionKey ?? "";
        return [
          {
            path: join(sessions, file),
            key: `${agent}/${id}`,
            agentSessionId,
            indexed: indexed ?? NOT_INDEXED,
          },
        ];
      });
    });
    return found.flat();
  },
  factsReader: () => new OpenClawFacts(),
  converter: () => openClawUpdates,
};

/** By the name of the transcript. What the index says of files elsewhere is not followed. */
async function readIndex(root: string, sessions: string): Promise<Map<string, Indexed>> {
  const byFile = new Map<string, Indexed>();
  const index = await readIndexFile(root, relative(root, sessions), "sessions.json");
  for (const [sessionKey, entry] of Object.entries(index ?? {})) {
    if (!isJsonObject(entry)) continue;
    const id = textIn(entry, "sessionId");
    const file = textIn(entry, "sessionFile");
    const indexed = { sessionKey, ...factsOf(entry) };
    if (file !== "") byFile.set(basename(file), indexed);
    if (id !== "") byFile.set(`${id}.jsonl`, indexed);
  }
  return byFile;
}

/** The key ("agent:main:telegram:…") is neither a title nor a directory. */
function factsOf(entry: JsonObject): IndexedFacts {
  const title =
    textIn(entry, "displayName") ||
    textIn(entry, "label") ||
    textIn(entry, "subject") ||
    textIn(objectIn(entry, "origin"), "label");
  return {
    title: shortText(title),
    description: "",
    cwd: textIn(entry, "spawnedCwd") || textIn(entry, "spawnedWorkspaceDir"),
    updatedAt: timeIn(entry, "updatedAt"),
  };
}
