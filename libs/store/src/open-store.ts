import { chmodSync, closeSync, existsSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import type { Clock } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { Database } from "./database.ts";
import { ForeignDatabaseError, migrate } from "./migrate.ts";
import { SqliteStore, type Store } from "./store.ts";
import { isDamage, isSchemaMismatch } from "./store-failure.ts";

export interface OpenStoreOptions {
  /** The SQLite file; `-wal` and `-shm` lie beside it. Its directory must exist. */
  readonly file: string;
  readonly clock: Clock;
}

/** A damaged store that was put aside, for the log and the screen. */
export interface DamagedStore {
  readonly movedTo: string;
  readonly reason: string;
}

export interface OpenedStore {
  readonly store: Store;
  /** Set if the file was damaged: it was moved aside, and `store` is new and empty. */
  readonly damaged: DamagedStore | undefined;
}

/**
 * Up to this size the whole file is checked at every start (less than 100 ms at the bound). A larger one is checked only
 * if it was not closed in order, or damage was met while it was in use.
 */
const ALWAYS_CHECKED_BYTES = 32 * 1024 * 1024;

/** Part of the WAL that may lie beside the file before SQLite moves it in, in pages of 4 KiB. */
const WAL_PAGES = 1_000;

/** What SQLite leaves beside the file while it is open. */
const COMPANIONS = ["-wal", "-shm"] as const;

/**
 * Opens the store, making it or bringing it up to date first. The caller holds the home's lock: the store has one
 * connection, and calls that an earlier process left running are marked as interrupted.
 * @throws StatusError `failed-precondition` if a newer version wrote it, `permission-denied` if it cannot be written,
 *   `resource-exhausted` if the disk is full.
 */
export function openStore(options: OpenStoreOptions): OpenedStore {
  const { file } = options;
  try {
    return { store: openSound(options), damaged: undefined };
  } catch (error) {
    const reason = damageOf(error);
    if (reason === undefined) throw error;
    const movedTo = setAside(file, options.clock);
    return { store: openSound(options), damaged: { movedTo, reason } };
  }
}

/** Beside a store in which damage was met: the next start checks it whatever its size. */
function suspicionFile(file: string): string {
  return `${file}-suspect`;
}

class DamagedError extends Error {}

function openSound({ file, clock }: OpenStoreOptions): Store {
  const size = sizeOf(file);
  const wasClosed = sizeOf(`${file}-wal`) === 0;
  const mustCheck = size <= ALWAYS_CHECKED_BYTES || !wasClosed || existsSync(suspicionFile(file));
  restrict(file);
  const database = new Database(file, () => closeSync(openSync(suspicionFile(file), "a", 0o600)));
  try {
    database.execute(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${WAL_PAGES}`,
    );
    if (mustCheck && size > 0) checkSoundness(database, wasClosed ? size : undefined);
    migrate(database, file);
    const store = new SqliteStore(database, clock);
    rmSync(suspicionFile(file), { force: true });
    return store;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** `size` of a file that was closed in order: else its last pages may still be in the WAL. */
function checkSoundness(database: Database, size: number | undefined): void {
  const verdict = database.pragma("integrity_check(1)");
  if (verdict !== "ok") throw new DamagedError(String(verdict));
  // SQLite reads what is missing of the last page as zeros, and finds nothing wrong with them.
  const pageSize = Number(database.pragma("page_size"));
  if (size !== undefined && size % pageSize !== 0) throw new DamagedError("the file ends within a page");
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Transcripts are nobody else's business: the file is made, or made again, readable to its owner only. */
function restrict(file: string): void {
  try {
    closeSync(openSync(file, "a", 0o600));
    if (process.platform !== "win32") chmodSync(file, 0o600);
  } catch (cause) {
    throw new StatusError(
      StatusCode.PERMISSION_DENIED,
      `cannot open the store ${file} (${(cause as Error).message})`,
      { cause, hint: "check that the file and its directory belong to you and may be written" },
    );
  }
}

/** Why the file has to be set aside, or undefined if the error is no damage. */
function damageOf(error: unknown): string | undefined {
  if (error instanceof DamagedError || error instanceof ForeignDatabaseError) return error.message;
  if (isSchemaMismatch(error) || isDamage(error)) {
    return error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
  }
  return undefined;
}

function setAside(file: string, clock: Clock): string {
  const stamp = new Date(clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  let movedTo = `${file}.damaged-${stamp}`;
  for (let again = 2; existsSync(movedTo); again++) movedTo = `${file}.damaged-${stamp}-${again}`;
  renameSync(file, movedTo);
  for (const companion of COMPANIONS) {
    if (existsSync(file + companion)) renameSync(file + companion, movedTo + companion);
  }
  return movedTo;
}
