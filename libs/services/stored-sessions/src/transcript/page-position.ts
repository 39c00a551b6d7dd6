import type { FileHandle } from "node:fs/promises";
import { StatusCode, StatusError } from "@clawmatrix/protocol";

/** Where a page of a transcript ends and the next begins. */
export interface PagePosition {
  /** Where a line begins, in bytes. */
  readonly offset: number;
  /** Updates of that line that were shown already. */
  readonly shown: number;
  /** Events shown before. */
  readonly seq: number;
}

const START: PagePosition = Object.freeze({ offset: 0, shown: 0, seq: 0 });
const LINE_FEED = 0x0a;

export function writePosition({ offset, shown, seq }: PagePosition): string {
  return `${offset}.${shown}.${seq}`;
}

/** @throws StatusError INVALID_ARGUMENT "bad-cursor" if it was never written for this file, or the file is another by now. */
export async function readPosition(cursor: string, file: FileHandle, size: number): Promise<PagePosition> {
  if (cursor === "") return START;
  const match = /^(\d{1,15})\.(\d{1,6})\.(\d{1,10})$/.exec(cursor);
  const [offset = -1, shown = 0, seq = 0] = (match ?? []).slice(1).map(Number);
  if (match === null || offset > size || !(await isLineStart(file, offset))) {
    throw new StatusError(StatusCode.INVALID_ARGUMENT, "this is not a cursor of this transcript", {
      reason: "bad-cursor",
      hint: "begin with the first page",
    });
  }
  return { offset, shown, seq };
}

async function isLineStart(file: FileHandle, offset: number): Promise<boolean> {
  if (offset === 0) return true;
  const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, offset - 1);
  return bytesRead === 1 && buffer[0] === LINE_FEED;
}
