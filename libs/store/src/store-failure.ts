import { StatusCode, StatusError } from "@clawmatrix/protocol";

/** SQLite's primary result codes (the low byte of the extended ones) that say something of their own. */
const SQLITE_ERROR = 1;
const SQLITE_PERM = 3;
const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_CONSTRAINT = 19;
const SQLITE_NOTADB = 26;
/** A page ends before its end: the file was cut off. An I/O error by its number, but damage by its nature. */
const SQLITE_IOERR_SHORT_READ = 522;

/** An error of SQLite as the store's callers get it: what failed, why, what to do. Other errors stay as they are. */
export function storeFailure(file: string, cause: unknown): unknown {
  const code = sqliteCode(cause);
  if (code === undefined) return cause;
  const reason = (cause as Error).message;
  if (isDamage(cause)) {
    return new StatusError(StatusCode.DATA_LOSS, `the store ${file} is damaged (${reason})`, {
      cause,
      hint: "restart the node: it sets the damaged store aside and begins a new one",
    });
  }
  switch (code & 0xff) {
    case SQLITE_FULL:
      return new StatusError(
        StatusCode.RESOURCE_EXHAUSTED,
        `cannot write the store ${file}: the disk is full`,
        {
          cause,
          hint: "make room on the disk",
        },
      );
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return new StatusError(
        StatusCode.PERMISSION_DENIED,
        `cannot open or write the store ${file} (${reason})`,
        {
          cause,
          hint: "check that the file and its directory belong to you and may be written",
        },
      );
    case SQLITE_BUSY:
      return new StatusError(StatusCode.UNAVAILABLE, `the store ${file} is in use by another process`, {
        cause,
      });
    case SQLITE_IOERR:
      return new StatusError(StatusCode.UNAVAILABLE, `cannot read or write the store ${file} (${reason})`, {
        cause,
        hint: "check the disk",
      });
    case SQLITE_CONSTRAINT:
      return new StatusError(
        StatusCode.ALREADY_EXISTS,
        `the store has this already, or lacks what it belongs to (${reason})`,
        { cause },
      );
    default:
      return new StatusError(StatusCode.INTERNAL, `the store ${file} refused a statement (${reason})`, {
        cause,
      });
  }
}

/** Whether the error, or what caused it, says that the file is not a sound database. */
export function isDamage(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = sqliteCode(at);
    if (code === undefined) continue;
    return code === SQLITE_IOERR_SHORT_READ || [SQLITE_CORRUPT, SQLITE_NOTADB].includes(code & 0xff);
  }
  return false;
}

/** Whether a statement does not fit the tables that are there. */
export function isSchemaMismatch(error: unknown): boolean {
  const code = error instanceof Error ? sqliteCode(error.cause) : undefined;
  return code !== undefined && (code & 0xff) === SQLITE_ERROR;
}

function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode : undefined;
}
