import { type FileHandle, open, stat } from "node:fs/promises";
import type { Clock } from "@clawmatrix/environment";

export interface LogTailOptions {
  readonly file: string;
  /** Lines from the past. */
  readonly lines: number;
  /** Go on with what is added. */
  readonly follow: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** How often a log that is followed is looked at, in milliseconds: soon enough for an eye. */
const LOOK_MS = 250;
/** Bytes read at once. */
const CHUNK_BYTES = 64 * 1024;
/** A longer line is given in pieces. */
const MAX_LINE_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** The last lines of a log file, then, where it is followed, those that are added, in groups. Goes on after a rotation. */
export async function* tailLog(options: LogTailOptions): AsyncGenerator<string[]> {
  const { file, lines, follow, clock, signal } = options;
  let reader = await LineFollower.open(file, lines);
  try {
    for (;;) {
      const found = (await reader?.read()) ?? [];
      if (found.length > 0) yield found;
      if (found.length > 0 && !signal.aborted) continue;
      if (!follow || signal.aborted) return;
      await pause(clock, signal);
      if (reader !== undefined && (await reader.isCurrent())) continue;
      await reader?.close();
      reader = await LineFollower.open(file, Number.POSITIVE_INFINITY);
    }
  } finally {
    await reader?.close();
  }
}

/** Reads one file by whole lines, from so many lines before its end. */
class LineFollower {
  readonly #file: string;
  readonly #handle: FileHandle;
  #position: number;
  #rest: Buffer = Buffer.alloc(0);

  private constructor(file: string, handle: FileHandle, position: number) {
    this.#file = file;
    this.#handle = handle;
    this.#position = position;
  }

  /** Undefined while the file is not there. */
  static async open(file: string, lines: number): Promise<LineFollower | undefined> {
    let handle: FileHandle;
    try {
      handle = await open(file, "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    return new LineFollower(file, handle, await startOfLastLines(handle, lines));
  }

  /** What has been added since, by whole lines; nothing if there is no whole one. */
  async read(): Promise<string[]> {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const { bytesRead } = await this.#handle.read(chunk, 0, CHUNK_BYTES, this.#position);
    if (bytesRead === 0) return [];
    this.#position += bytesRead;
    const all = Buffer.concat([this.#rest, chunk.subarray(0, bytesRead)]);
    const end = all.length > MAX_LINE_BYTES ? all.length : all.lastIndexOf(NEWLINE) + 1;
    this.#rest = all.subarray(end);
    if (end === 0) return await this.read();
    return all.subarray(0, end).toString("utf8").replace(/\n$/, "").split("\n");
  }

  /** Whether the name still means this file: a rotation puts another one in its place. */
  async isCurrent(): Promise<boolean> {
    try {
      const [named, held] = [await stat(this.#file), await this.#handle.stat()];
      return named.ino === held.ino && named.dev === held.dev && held.size >= this.#position;
    } catch {
      // It was moved away and its successor is not there yet.
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Searched from the end, so that a long log costs no more than a short one. */
async function startOfLastLines(handle: FileHandle, lines: number): Promise<number> {
  const { size } = await handle.stat();
  if (lines === Number.POSITIVE_INFINITY) return 0;
  let seen = 0;
  let position = size;
  while (position > 0) {
    const length = Math.min(CHUNK_BYTES, position);
    position -= length;
    const chunk = Buffer.alloc(length);
    await handle.read(chunk, 0, length, position);
    for (let at = length - 1; at >= 0; at--) {
      // The newline at the very end ends the last line, and begins none.
      if (chunk[at] !== NEWLINE || position + at === size - 1) continue;
      seen++;
      if (seen === lines) return position + at + 1;
    }
  }
  return 0;
}

function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.schedule(LOOK_MS, done, { keepAlive: true });
    function done(): void {
      timer.cancel();
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}
