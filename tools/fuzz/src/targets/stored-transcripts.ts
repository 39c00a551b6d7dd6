import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { silentLogger, systemClock } from "@clawmatrix/environment";
import { StatusError } from "@clawmatrix/protocol";
import { StoredSessions } from "@clawmatrix/stored-sessions";
import type { FuzzTarget } from "../target.ts";

const ID = "019b109f-bc18-7291-9cbf-10cbe0c51250";
/** Where each program has its transcripts and indexes. */
const FILES = [
  `.claude/projects/-p/${ID}.jsonl`,
  ".claude/projects/-p/sessions-index.json",
  ".claude/history.jsonl",
  `.codex/sessions/2026/11/20/rollout-2026-11-20T10-00-00-${ID}.jsonl`,
  ".codex/session_index.jsonl",
  `.openclaw/agents/main/sessions/${ID}.jsonl`,
  ".openclaw/agents/main/sessions/sessions.json",
];
const LINES = [
  {
    type: "user",
    cwd: "/p",
    timestamp: "2026-11-20T10:00:00Z",
    message: { role: "user", content: "hello ü" },
  },
  {
    type: "assistant",
    timestamp: 7,
    message: {
      content: [
        { type: "text", text: "x" },
        {
          type: "tool_use",
          id: "t",
          name: "Edit",
          input: { file_path: "/a", old_string: "a", new_string: "b" },
        },
      ],
    },
  },
  {
    type: "user",
    message: { content: [{ type: "tool_result", tool_use_id: "t", content: [{ type: "text" }] }] },
  },
  { type: "session_meta", payload: { id: ID, cwd: "/p", source: { subagent: 1 } } },
  { type: "event_msg", payload: { type: "user_message", message: "hello" } },
  {
    type: "response_item",
    payload: { type: "function_call", name: "update_plan", arguments: '{"plan":[{"step":"a"}]}' },
  },
  {
    type: "response_item",
    payload: { type: "function_call_output", call_id: "c", output: '{"output":"a","metadata":{}}' },
  },
  { type: "session", cwd: "/p" },
  {
    type: "message",
    message: { role: "user", content: [{ type: "image", data: "aGk=", mimeType: "image/png" }] },
  },
  { type: "message", message: { role: "toolResult", toolCallId: "t", content: "a" } },
];
const INDEX = {
  "agent:main:x": { sessionId: "../x", sessionFile: "/etc/passwd", updatedAt: 1, displayName: "a" },
};
/** Pages of a transcript: one that goes round in circles is a finding. */
const MOST_PAGES = 10_000;

/** What other programs have written on this machine, as their transcript, their index, and their history. */
export async function storedTranscripts(): Promise<FuzzTarget> {
  const home = await mkdtemp(join(tmpdir(), "clawmatrix-fuzz-"));
  for (const file of FILES) await mkdir(dirname(join(home, file)), { recursive: true });
  const stored = new StoredSessions({
    clock: systemClock,
    logger: silentLogger,
    env: {},
    home,
    programs: () => new Set(["openclaw", "claude-code", "codex"] as const),
    idOf: (source, key) => `${source}/${key}`,
  });
  const lines = LINES.map((line) => JSON.stringify(line));
  return {
    seeds: [...lines, `${lines.join("\n")}\n`, JSON.stringify(INDEX)].map((text) => Buffer.from(text)),
    async run(input) {
      for (const file of FILES) await writeFile(join(home, file), input);
      stored.changed();
      const { sessions } = await stored.page({ limit: 10 });
      for (const session of sessions) {
        if (session.title.length > 500 || !session.title.isWellFormed())
          throw new Error("a title is no short text");
        await readAll(stored, session.id);
        await stored
          .read(session.id, { cursor: Buffer.from(input).toString("latin1"), limit: 1 })
          .catch(requireStatus);
      }
    },
    close: () => rm(home, { recursive: true, force: true }),
  };
}

/** Reads a transcript in the smallest pages: each event once, each of them JSON by itself. */
async function readAll(stored: StoredSessions, id: string): Promise<void> {
  let cursor = "";
  let last = 0;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { events, nextCursor } = await stored.read(id, { cursor, limit: 1 });
    for (const { seq, updateJson } of events) {
      if (seq !== ++last) throw new Error(`event ${seq} comes after ${last - 1}`);
      JSON.parse(Buffer.from(updateJson).toString());
    }
    cursor = nextCursor;
    if (cursor === "") return;
  }
  throw new Error("a transcript does not end");
}

function requireStatus(thrown: unknown): void {
  if (!(thrown instanceof StatusError)) throw thrown;
}
