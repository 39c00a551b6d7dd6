import { isAbsolute, join } from "node:path";
import { SessionSource } from "@clawmatrix/protocol";
import { inParallel } from "../../files/in-parallel.ts";
import { readNewestLines } from "../../files/index-file.ts";
import { textIn } from "../../files/json-line.ts";
import { listDirectory } from "../../files/list-directory.ts";
import { shortText } from "../../short-text.ts";
import { type FoundTranscript, type IndexedFacts, NOT_INDEXED, type Program } from "../program.ts";
import { CodexFacts } from "./codex-facts.ts";
import { codexConverter } from "./codex-updates.ts";

const TRANSCRIPT =
  /^rollout-[0-9T-]+-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.jsonl$/i;
const DATE_PART = /^\d{1,4}$/;
/** Directories of days read at once. */
const WIDTH = 8;
/** Of the two indexes, to which Codex only ever adds. */
const INDEX_BYTES = 2 * 1024 * 1024;

/**
 * Codex: `sessions/YYYY/MM/DD/rollout-<time>-<thread id>.jsonl` below ~/.codex or CODEX_HOME. Format and indexes as in
 * github.com/openai/codex: codex-rs/rollout/src (`list.rs`, `policy.rs`, `session_index.rs`), codex-rs/protocol.
 */
export const codex: Program = {
  name: "codex",
  title: "Codex",
  source: SessionSource.CODEX,
  directory(env, home) {
    const moved = env.CODEX_HOME ?? "";
    return isAbsolute(moved) ? moved : join(home, ".codex");
  },
  async find(root) {
    const indexed = await readIndexes(root);
    const found = await inParallel(await daysOf(root), WIDTH, async (day) => {
      const { files } = await listDirectory(root, day);
      return files.flatMap((file): FoundTranscript[] => {
        const id = TRANSCRIPT.exec(file)?.[1];
        if (id === undefined) return [];
        const known = { ...NOT_INDEXED, ...indexed.get(id) };
        return [{ path: join(day, file), key: id, agentSessionId: id, indexed: known }];
      });
    });
    return found.flat();
  },
  factsReader: () => new CodexFacts(),
  converter: codexConverter,
};

/** `sessions` itself, as early versions had it, and the directories of its days. */
async function daysOf(root: string): Promise<string[]> {
  const sessions = join(root, "sessions");
  let level = [sessions];
  for (let depth = 0; depth < 3; depth++) {
    const below = await inParallel(level, WIDTH, async (path) => {
      const { directories } = await listDirectory(root, path);
      return directories.filter((name) => DATE_PART.test(name)).map((name) => join(path, name));
    });
    level = below.flat();
  }
  return [sessions, ...level];
}

/** `session_index.jsonl` names sessions, the newest line counts; `history.jsonl` has each prompt that was typed. */
async function readIndexes(root: string): Promise<Map<string, Partial<IndexedFacts>>> {
  const bySession = new Map<string, Partial<IndexedFacts>>();
  for (const line of await readNewestLines(root, "history.jsonl", INDEX_BYTES)) {
    const id = textIn(line, "session_id");
    const description = shortText(textIn(line, "text"));
    if (id !== "" && description !== "" && !bySession.has(id)) bySession.set(id, { description });
  }
  for (const line of await readNewestLines(root, "session_index.jsonl", INDEX_BYTES)) {
    const id = textIn(line, "id");
    const title = shortText(textIn(line, "thread_name"));
    if (id !== "" && title !== "") bySession.set(id, { ...bySession.get(id), title });
  }
  return bySession;
}
