import type { FileHandle } from "node:fs/promises";
import { type FileLine, MAX_LINE_BYTES, readLines } from "../files/file-lines.ts";
import { parseLine, timeIn } from "../files/json-line.ts";
import type { LineConverter, Program } from "../programs/program.ts";
import { type PagePosition, readPosition, writePosition } from "./page-position.ts";
import { agentText, type Update } from "./updates.ts";

/** Something that was said or done in a stored session. */
export interface StoredEvent {
  /** Counted from 1 in each transcript. */
  readonly seq: number;
  /** Milliseconds since 1970; 0: the transcript does not say. */
  readonly at: number;
  /** The `update` of ACP's session/update, as JSON. */
  readonly updateJson: Uint8Array;
}

export interface TranscriptPage {
  readonly events: readonly StoredEvent[];
  /** Empty on the last page. */
  readonly nextCursor: string;
}

export interface PageQuery {
  /** Where the page before ended; empty: the beginning. */
  readonly cursor: string;
  /** Events at most. */
  readonly limit: number;
}

/** Of the beginning, read to see how the transcript was written. */
const BEGINNING_BYTES = 256 * 1024;
/** JSON on one page, beyond which no further event is put on it. */
const PAGE_BYTES = 2 * 1024 * 1024;
/** Read for one page: also where nothing of it is shown, a page comes soon. */
const SCANNED_BYTES = 32 * 1024 * 1024;

/**
 * One page of a transcript, whatever its size: whole lines from an offset on, as many as fit.
 * @throws StatusError INVALID_ARGUMENT if the cursor does not fit the file.
 */
export async function readPage(
  file: FileHandle,
  size: number,
  program: Program,
  { cursor, limit }: PageQuery,
): Promise<TranscriptPage> {
  const start = await readPosition(cursor, file, size);
  const convert = program.converter(await readBeginning(file, size));
  const events: StoredEvent[] = [];
  let bytes = 0;
  let position: PagePosition = start;
  for await (const lines of readLines(file, { from: start.offset, to: size })) {
    for (const line of lines) {
      const { at, updates } = convertLine(line, convert);
      for (const update of updates.slice(position.shown)) {
        if (events.length >= limit || bytes >= PAGE_BYTES)
          return { events, nextCursor: writePosition(position) };
        const updateJson = Buffer.from(JSON.stringify(update));
        bytes += updateJson.length;
        events.push({ seq: position.seq + 1, at, updateJson });
        position = { offset: line.offset, shown: position.shown + 1, seq: position.seq + 1 };
      }
      position = { offset: line.next, shown: 0, seq: position.seq };
      if (position.offset - start.offset >= SCANNED_BYTES && position.offset < size) {
        return { events, nextCursor: writePosition(position) };
      }
    }
  }
  return { events, nextCursor: "" };
}

async function readBeginning(file: FileHandle, size: number) {
  const values = [];
  for await (const lines of readLines(file, { from: 0, to: Math.min(size, BEGINNING_BYTES) })) {
    for (const { bytes } of lines) values.push(...(bytes === undefined ? [] : [parseLine(bytes) ?? {}]));
  }
  return values;
}

function convertLine(
  { bytes, offset, next }: FileLine,
  convert: LineConverter,
): { at: number; updates: Update[] } {
  if (bytes === undefined) {
    const mebibytes = Math.round((next - offset) / 2 ** 20);
    const most = MAX_LINE_BYTES / 2 ** 20;
    return {
      at: 0,
      updates: agentText(`[a line of ${mebibytes} MiB is not shown; ${most} MiB are the most]`),
    };
  }
  // One that is still being written is none yet.
  const value = parseLine(bytes);
  return value === undefined
    ? { at: 0, updates: [] }
    : { at: timeIn(value, "timestamp"), updates: convert(value) };
}
