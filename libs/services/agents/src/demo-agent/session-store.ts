import { mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SessionUpdate } from "@agentclientprotocol/sdk";
import { z } from "zod";
import { isSessionId, type SessionHead, type SessionState, sessionHead } from "./session-state.ts";

/** Sessions kept; the one longest unused leaves first. */
const MAX_STORED_SESSIONS = 1_000;
/** A file is read only up to this size; one written here is far below (the transcript has its own bound). */
const MAX_FILE_BYTES = 16 * 1_048_576;
/** The head of a session is its first line, and fits in this. */
const MAX_HEAD_BYTES = 65_536;

/** Where sessions are that are not open. */
export interface SessionStore {
  save(state: SessionState): Promise<void>;
  /** Undefined where there is none. Rejects where what is kept is damaged. */
  load(sessionId: string): Promise<SessionState | undefined>;
  /** All that are kept, the latest first. */
  list(): Promise<SessionHead[]>;
  delete(sessionId: string): Promise<void>;
}

/** Keeps sessions as long as the process lives. */
export function memorySessionStore(): SessionStore {
  const states = new Map<string, SessionState>();
  return {
    async save(state) {
      states.delete(state.head.sessionId);
      states.set(state.head.sessionId, state);
      for (const oldest of states.keys()) {
        if (states.size <= MAX_STORED_SESSIONS) break;
        states.delete(oldest);
      }
    },
    load: async (sessionId) => states.get(sessionId),
    list: async () => [...states.values()].map((state) => state.head).reverse(),
    async delete(sessionId) {
      states.delete(sessionId);
    },
  };
}

/** Keeps each session in a file of its own: its head on the first line, then one update of the transcript per line. */
export function directorySessionStore(directory: string): SessionStore {
  const pathOf = (sessionId: string): string => join(directory, `${sessionId}.jsonl`);
  let writes = Promise.resolve();

  async function write({ head, transcript }: SessionState): Promise<void> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const lines = [head, ...transcript].map((line) => `${JSON.stringify(line)}\n`);
    const path = pathOf(head.sessionId);
    // Renamed into place, so that a reader or a crash never meets half a file.
    const draft = `${path}.${process.pid}.tmp`;
    await writeFile(draft, lines.join(""), { mode: 0o600 });
    await rename(draft, path);
    if (head.turns === 0) await dropOldest();
  }

  async function dropOldest(): Promise<void> {
    if ((await namesIn(directory)).length <= MAX_STORED_SESSIONS) return;
    for (const head of (await list()).slice(MAX_STORED_SESSIONS))
      await rm(pathOf(head.sessionId), { force: true });
  }

  async function list(): Promise<SessionHead[]> {
    const heads: SessionHead[] = [];
    for (const name of await namesIn(directory)) {
      const head = await readHead(join(directory, name));
      if (head !== undefined) heads.push(head);
    }
    return heads.sort((a, b) => b.updatedAt - a.updatedAt);
  }

  return {
    save(state) {
      const done = writes.then(() => write(state));
      writes = done.catch(() => undefined);
      return done;
    },
    async load(sessionId) {
      if (!isSessionId(sessionId)) return undefined;
      const bytes = await readFileUpTo(pathOf(sessionId), MAX_FILE_BYTES);
      return bytes === undefined ? undefined : parseState(sessionId, bytes.toString());
    },
    list,
    async delete(sessionId) {
      if (isSessionId(sessionId)) await rm(pathOf(sessionId), { force: true });
    },
  };
}

const transcriptLine = z.looseObject({ sessionUpdate: z.string() });

function parseState(sessionId: string, text: string): SessionState {
  try {
    const [first = "", ...rest] = text.trimEnd().split("\n");
    const head = sessionHead.parse(JSON.parse(first));
    const transcript = rest.map((line) => transcriptLine.parse(JSON.parse(line)) as SessionUpdate);
    return { head, transcript };
  } catch (error) {
    throw new Error(`The stored session ${sessionId} is damaged; start a new one.`, { cause: error });
  }
}

/** The names of session files. A directory with more than twice as many as are kept is not ours to read through. */
async function namesIn(directory: string): Promise<string[]> {
  try {
    const names = await readdir(directory);
    return names.filter((name) => name.endsWith(".jsonl")).slice(0, 2 * MAX_STORED_SESSIONS);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** The first line of a session file; undefined where it is gone or damaged, so that one bad file hides no other. */
async function readHead(path: string): Promise<SessionHead | undefined> {
  const bytes = await readFileUpTo(path, MAX_HEAD_BYTES);
  const end = bytes?.indexOf(0x0a) ?? -1;
  if (bytes === undefined || end < 0) return undefined;
  try {
    return sessionHead.safeParse(JSON.parse(bytes.toString("utf8", 0, end))).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function readFileUpTo(path: string, maxBytes: number): Promise<Buffer | undefined> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    if (size <= maxBytes) return await readFile(file);
    const buffer = Buffer.alloc(maxBytes);
    const { bytesRead } = await file.read(buffer, 0, maxBytes, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
