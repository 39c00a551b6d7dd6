import type { Dir } from "node:fs";
import { lstat, opendir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { shorten } from "../text-bounds.ts";
import { textContent, withToolCall } from "../tool-call.ts";
import type { Turn } from "../turn.ts";
import { pathFrom } from "../workspace.ts";
import { type Command, sayUsage } from "./command.ts";

/** Each bound ends the search early, and the answer says so. Together: a large repository, within seconds. */
const MAX_FILES = 5_000;
const MAX_BYTES = 64 * 1_048_576;
const MAX_DURATION_MS = 5_000;
const MAX_MATCHES = 100;
/** Directories waiting to be searched. */
const MAX_WAITING_DIRECTORIES = 10_000;
/** A larger file is left out. */
const MAX_FILE_BYTES = 1_048_576;
/** Characters shown of a line. */
const MAX_LINE_CHARACTERS = 200;
const SKIPPED: ReadonlySet<string> = new Set([".git", "node_modules"]);

export const find: Command = {
  name: "find",
  input: "<text>",
  description: "Finds a text in the files of the session's directory",
  async run(argument, turn) {
    if (argument === "") return sayUsage(find, turn, "find TODO");
    const { cwd } = turn.session;
    const title = shorten(`find ${argument}`, MAX_LINE_CHARACTERS);
    await withToolCall(
      turn,
      { title, kind: "search", rawInput: { text: argument, path: cwd } },
      async (call) => {
        await call.begin();
        const { matches, files, stopped } = await search(argument, turn);
        const lines = matches.map(({ path, line, text }) => `${pathFrom(cwd, path)}:${line}: ${text}`);
        const note = stopped === undefined ? "" : `; stopped early at ${stopped}`;
        return {
          content: [textContent(lines.join("\n") || "no match")],
          locations: matches.map(({ path, line }) => ({ path, line })),
          rawOutput: { matches: matches.length, files, truncated: stopped !== undefined },
          summary: `${matches.length} matching lines in ${files} files searched${note}`,
        };
      },
    );
  },
};

interface Match {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

interface SearchResult {
  readonly matches: Match[];
  readonly files: number;
  /** The bound that cut the search short; undefined where all was searched. */
  readonly stopped: string | undefined;
}

/** Breadth first, so that what is near the top is found before a bound is met. Follows no symbolic links. */
async function search(needle: string, turn: Turn): Promise<SearchResult> {
  const { clock } = turn.surroundings;
  const deadline = clock.monotonic() + MAX_DURATION_MS;
  const matches: Match[] = [];
  const waiting = [turn.session.cwd];
  let files = 0;
  let bytes = 0;
  let leftOut: string | undefined;
  for (let directory = waiting.shift(); directory !== undefined; directory = waiting.shift()) {
    for await (const entry of await openDirectory(directory)) {
      turn.throwIfCancelled();
      const path = join(directory, entry.name);
      if (entry.isDirectory()) {
        if (SKIPPED.has(entry.name)) continue;
        if (waiting.length < MAX_WAITING_DIRECTORIES) waiting.push(path);
        else leftOut = `${MAX_WAITING_DIRECTORIES} directories`;
        continue;
      }
      if (!entry.isFile()) continue;
      const content = await readText(path);
      files++;
      bytes += content?.length ?? 0;
      if (content !== undefined) collectMatches(path, content, needle, matches);
      const stopped = boundMet({ files, bytes, matches: matches.length, late: clock.monotonic() > deadline });
      if (stopped !== undefined) return { matches, files, stopped };
    }
  }
  return { matches, files, stopped: leftOut };
}

function boundMet(so: { files: number; bytes: number; matches: number; late: boolean }): string | undefined {
  if (so.matches >= MAX_MATCHES) return `${MAX_MATCHES} matches`;
  if (so.files >= MAX_FILES) return `${MAX_FILES} files`;
  if (so.bytes >= MAX_BYTES) return `${MAX_BYTES / 1_048_576} MiB`;
  return so.late ? `${MAX_DURATION_MS / 1_000} s` : undefined;
}

function collectMatches(path: string, content: Buffer, needle: string, matches: Match[]): void {
  if (!content.includes(needle)) return;
  for (const [at, text] of content.toString().split("\n").entries()) {
    if (matches.length >= MAX_MATCHES) return;
    if (text.includes(needle))
      matches.push({ path, line: at + 1, text: shorten(text.trim(), MAX_LINE_CHARACTERS) });
  }
}

/** A directory that may not be read is searched as if it were empty, as search programs do. */
async function openDirectory(path: string): Promise<Dir | []> {
  try {
    return await opendir(path);
  } catch {
    return [];
  }
}

/** Undefined for what is too large, not text, or not readable. */
async function readText(path: string): Promise<Buffer | undefined> {
  try {
    if ((await lstat(path)).size > MAX_FILE_BYTES) return undefined;
    const content = await readFile(path);
    return content.includes(0) ? undefined : content;
  } catch {
    return undefined;
  }
}
