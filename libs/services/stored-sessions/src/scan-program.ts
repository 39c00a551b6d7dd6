import { type FileHandle, realpath } from "node:fs/promises";
import { readLastLines, readLines } from "./files/file-lines.ts";
import { inParallel } from "./files/in-parallel.ts";
import { type FileState, stateOfFile, withRegularFile } from "./files/regular-file.ts";
import type { FactsReader, FoundTranscript, Program, TranscriptFacts } from "./programs/program.ts";
import { detached, shortText } from "./short-text.ts";

/** A transcript as the index knows it. */
export interface IndexedTranscript {
  readonly program: Program;
  readonly found: FoundTranscript;
  readonly state: FileState;
  /** Undefined: it is no session that anybody would want to see. */
  readonly facts: TranscriptFacts | undefined;
}

export interface ScanOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What "~" stands for. */
  readonly home: string;
  /** What is known of a file of this path, from the scan before. */
  readonly known: (path: string) => IndexedTranscript | undefined;
}

/** Twice the sessions that a node is made to know; of more, the ones changed latest. */
const MAX_SESSIONS = 20_000;
/** Files looked at, and read, at once: enough for the disk, few enough for the node's other work. */
const LOOKED_AT = 16;
const READ = 8;
/** Read of the beginning of a file, at most, to find its first message. */
const HEAD_BYTES = 1024 * 1024;
/** Read of its end, at least, to find the title and the time of the last message. */
const TAIL_BYTES = 64 * 1024;

/** The transcripts of one program as they are now. Only files that have changed since the scan before are opened. */
export async function scanProgram(program: Program, options: ScanOptions): Promise<IndexedTranscript[]> {
  const { env, home, known } = options;
  const root = await realpath(program.directory(env, home)).catch(() => undefined);
  if (root === undefined) return [];
  const found = await program.find(root);
  const states = await inParallel(found, LOOKED_AT, (each) => stateOfFile(root, each.path));
  const files = found
    .flatMap((each, at) => (states[at] === undefined ? [] : [{ found: each, state: states[at] }]))
    .sort((a, b) => b.state.modifiedAt - a.state.modifiedAt)
    .slice(0, MAX_SESSIONS);
  // Thousands of files are read into the same few buffers: new ones for each would stay with the process.
  const scratch: Buffer[] = [];
  return await inParallel(files, READ, async ({ found: each, state }) => {
    const before = known(each.path);
    if (isSame(before?.state, state)) return { program, found: each, state, facts: before?.facts };
    const buffer = scratch.pop() ?? Buffer.allocUnsafeSlow(TAIL_BYTES);
    const facts = await readFacts(program, state, buffer);
    scratch.push(buffer);
    return { program, found: each, state, facts };
  });
}

function isSame(before: FileState | undefined, { size, modifiedAt, inode }: FileState): boolean {
  return before?.size === size && before.modifiedAt === modifiedAt && before.inode === inode;
}

async function readFacts(
  program: Program,
  { path }: FileState,
  scratch: Buffer,
): Promise<TranscriptFacts | undefined> {
  const reader = program.factsReader();
  try {
    return await withRegularFile(path, async (file, size) => {
      const last = await readLastLines(file, size, TAIL_BYTES, scratch);
      // Most files are small: what was read of their end is all of them.
      const whole = size <= TAIL_BYTES ? takeHead(reader, last) : await readHead(reader, file, size);
      last.reverse().some((line) => reader.tail(line));
      return keptFacts(reader, whole);
    });
  } catch {
    return undefined; // It has gone, or may not be read: it is not listed.
  }
}

/** Whether every line was seen. */
async function readHead(reader: FactsReader, file: FileHandle, size: number): Promise<boolean> {
  for await (const lines of readLines(file, { from: 0, to: Math.min(size, HEAD_BYTES) })) {
    if (lines.some(({ bytes }) => bytes !== undefined && reader.head(bytes))) return false;
  }
  return size <= HEAD_BYTES;
}

function takeHead(reader: FactsReader, lines: readonly Buffer[]): boolean {
  return !lines.some((line) => reader.head(line));
}

function keptFacts(reader: FactsReader, whole: boolean): TranscriptFacts | undefined {
  const facts = reader.facts(whole);
  if (facts.hidden) return undefined;
  return {
    ...facts,
    cwd: detached(facts.cwd),
    title: shortText(facts.title),
    firstMessage: shortText(facts.firstMessage),
  };
}
