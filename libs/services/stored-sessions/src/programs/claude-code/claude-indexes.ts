import { relative } from "node:path";
import { readIndexFile, readNewestLines } from "../../files/index-file.ts";
import { objectsIn, textIn } from "../../files/json-line.ts";
import { shortText } from "../../short-text.ts";
import type { IndexedFacts } from "../program.ts";

type Indexed = Partial<IndexedFacts>;

/** Of `history.jsonl`; a line has about 200 bytes, so these are thousands of prompts. */
const HISTORY_BYTES = 2 * 1024 * 1024;

/** `history.jsonl`: each prompt that was typed, with `display`, `project` and, in newer versions, `sessionId`. */
export async function readClaudeHistory(root: string): Promise<Map<string, Indexed>> {
  const bySession = new Map<string, Indexed>();
  for (const line of await readNewestLines(root, "history.jsonl", HISTORY_BYTES)) {
    const id = textIn(line, "sessionId");
    const display = textIn(line, "display");
    if (id === "" || display === "" || bySession.has(id)) continue;
    // Commands of the program itself say nothing of what a session is about.
    const description = display.startsWith("/") ? "" : shortText(display);
    bySession.set(id, { description, cwd: textIn(line, "project") });
  }
  return bySession;
}

/** `sessions-index.json` of a project: what Claude Code's own picker shows. */
export async function readProjectIndex(root: string, project: string): Promise<Map<string, Indexed>> {
  const bySession = new Map<string, Indexed>();
  const index = await readIndexFile(root, relative(root, project), "sessions-index.json");
  for (const entry of index === undefined ? [] : objectsIn(index, "entries")) {
    const id = textIn(entry, "sessionId");
    const title = shortText(textIn(entry, "customTitle") || textIn(entry, "summary"));
    const first = textIn(entry, "firstPrompt");
    const description = first === "No prompt" ? "" : shortText(first);
    const cwd = textIn(entry, "projectPath");
    if (id === "") continue;
    bySession.set(id, { ...(title && { title }), ...(description && { description }), ...(cwd && { cwd }) });
  }
  return bySession;
}
