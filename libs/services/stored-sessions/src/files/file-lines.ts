import type { FileHandle } from "node:fs/promises";

/** A line may carry an image or a whole file, but must not fill the node's memory. */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

/** One line of a file, whole: cut at its line feeds, so that no character is ever split. */
export interface FileLine {
  /** Without its line feed; undefined: it is longer than MAX_LINE_BYTES and was not kept. */
  readonly bytes: Buffer | undefined;
  /** Where it begins. */
  readonly offset: number;
  /** Where the next one begins. */
  readonly next: number;
  /** False: the file ends without a line feed after it; somebody may still be writing it. */
  readonly ended: boolean;
}

export interface FileRange {
  /** Where a line begins. */
  readonly from: number;
  /** Where reading ends at the latest: the size of the file when it was opened, so that a file that grows comes to an end. */
  readonly to: number;
}

/** The lines of a part of a file, in batches of what is read at once. Memory is bounded by the longest line. */
export async function* readLines(
  file: FileHandle,
  { from, to }: FileRange,
): AsyncGenerator<FileLine[], void> {
  let pieces: Buffer[] = [];
  let kept = 0;
  let lineStart = from;
  let position = from;
  const take = (piece: Buffer): void => {
    kept += piece.length;
    if (kept > MAX_LINE_BYTES) pieces = [];
    else pieces.push(piece);
  };
  const line = (next: number, ended: boolean): FileLine => {
    const bytes = kept > MAX_LINE_BYTES ? undefined : pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
    const made = { bytes, offset: lineStart, next, ended };
    pieces = [];
    kept = 0;
    lineStart = next;
    return made;
  };
  while (position < to) {
    const wanted = Math.min(CHUNK_BYTES, to - position);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, position);
    // It was cut off while it was read.
    if (bytesRead === 0) break;
    const chunk = buffer.subarray(0, bytesRead);
    const lines: FileLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      take(chunk.subarray(start, end));
      lines.push(line(position + end + 1, true));
      start = end + 1;
    }
    if (start < bytesRead) take(chunk.subarray(start));
    position += bytesRead;
    if (lines.length > 0) yield lines;
  }
  if (kept > 0) yield [line(position, false)];
}

/**
 * The whole lines at the end of a file, in the file's order: of its last `maxBytes`, or of more where one line is longer.
 * They may stand in `scratch`, and are to be used before that is used again.
 */
export async function readLastLines(
  file: FileHandle,
  size: number,
  maxBytes: number,
  scratch: Buffer = Buffer.alloc(0),
): Promise<Buffer[]> {
  for (let length = Math.min(size, maxBytes); ; length = Math.min(size, length * 4, MAX_LINE_BYTES)) {
    const start = size - length;
    const space = length <= scratch.length ? scratch : Buffer.allocUnsafe(length);
    const { bytesRead, buffer } = await file.read(space, 0, length, start);
    const chunk = buffer.subarray(0, bytesRead);
    // Without the line before, one cannot know whether what comes first is whole.
    const first = start === 0 ? 0 : chunk.indexOf(LINE_FEED) + 1;
    const hasWhole = start === 0 || (first > 0 && first < bytesRead);
    if (hasWhole) return splitLines(chunk.subarray(first));
    if (length === size || length >= MAX_LINE_BYTES) return [];
  }
}

function splitLines(chunk: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
    if (end > start) lines.push(chunk.subarray(start, end));
    start = end + 1;
  }
  if (start < chunk.length) lines.push(chunk.subarray(start));
  return lines;
}
