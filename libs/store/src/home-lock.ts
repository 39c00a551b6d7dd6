import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { StatusCode, StatusError } from "@clawmatrix/protocol";

export interface HomeLockOptions {
  /** An empty file on which the lock is held; it stays when the lock is released. */
  readonly lockFile: string;
  /** Where the process id of the holder is written, for messages and for `down`. Says nothing if the lock is free. */
  readonly pidFile: string;
}

/** Held while a node runs in its home. */
export interface HomeLock {
  /** Lets another node in. A second time does nothing. */
  release(): void;
}

const SQLITE_BUSY = 5;

/**
 * Takes the lock of a home.
 *
 * Node has no file locks of its own, SQLite has: an exclusive transaction on an empty database is a lock of the
 * operating system (`fcntl` on Unix, `LockFileEx` on Windows). It belongs to this process alone, children do not
 * inherit it, and it is gone when the process is gone, also after `kill -9`: so no stale lock can keep a node out,
 * and no check of process ids can be wrong because an id was used again. The process id beside it is only told to
 * people. It is a file of its own because closing any other descriptor of a locked file would drop the lock.
 * @throws StatusError `already-exists`, naming the process id, if another node runs in this home.
 */
export function acquireHomeLock({ lockFile, pidFile }: HomeLockOptions): HomeLock {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(lockFile, { timeout: 0 });
    // Without a journal file, which a killed process would leave beside the lock.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  } catch (cause) {
    database?.close();
    if (isBusy(cause)) throw inUse(pidFile, cause);
    throw new StatusError(
      StatusCode.PERMISSION_DENIED,
      `cannot lock the home with ${lockFile} (${(cause as Error).message})`,
      { cause, hint: "check that the home belongs to you and may be written" },
    );
  }
  const held = database;
  return {
    release() {
      if (!held.isOpen) return;
      rmSync(pidFile, { force: true });
      held.close();
    },
  };
}

function isBusy(cause: unknown): boolean {
  return cause instanceof Error && "errcode" in cause && (Number(cause.errcode) & 0xff) === SQLITE_BUSY;
}

function inUse(pidFile: string, cause: unknown): StatusError {
  const who = pidOf(pidFile);
  const process = who === undefined ? "" : ` (process ${who})`;
  return new StatusError(StatusCode.ALREADY_EXISTS, `a node runs in this home already${process}`, {
    cause,
    hint: 'stop it with "clawmatrix down", or give this one a home of its own with CLAWMATRIX_HOME',
  });
}

function pidOf(pidFile: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(pidFile, "utf8"), 10);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    // It has the lock and has not written its id yet; the message does without.
    return undefined;
  }
}
