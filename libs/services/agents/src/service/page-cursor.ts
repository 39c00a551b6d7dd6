import { StatusCode, StatusError } from "@clawmatrix/protocol";

/** Where a page of sessions ended. */
export interface SessionCursor {
  readonly updatedAt: number;
  readonly id: string;
}

export function writeCursor({ updatedAt, id }: SessionCursor): string {
  return `${updatedAt}.${id}`;
}

/** @throws StatusError INVALID_ARGUMENT if this node never wrote it. */
export function readCursor(cursor: string): SessionCursor | undefined {
  if (cursor === "") return undefined;
  const match = /^(\d{1,15})\.([a-z0-9-]{1,64})$/.exec(cursor);
  if (match === null) throw badCursor();
  return { updatedAt: Number(match[1]), id: match[2] ?? "" };
}

/** A cursor of a transcript: the number of the last event shown. */
export function readSeqCursor(cursor: string): number {
  if (!/^\d{0,10}$/.test(cursor)) throw badCursor();
  return Number(cursor);
}

/** `limit` rows; `otherwise` where none is named, and at most `most`. */
export function pageSize(limit: number, otherwise: number, most: number): number {
  return limit === 0 ? otherwise : Math.min(limit, most);
}

function badCursor(): StatusError {
  return new StatusError(StatusCode.INVALID_ARGUMENT, "this is not a cursor of this node", {
    reason: "bad-cursor",
    hint: "begin with the first page",
  });
}
