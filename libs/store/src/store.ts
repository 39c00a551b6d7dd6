import type { Clock } from "@clawmatrix/environment";
import type { AuditLog } from "./audit-log.ts";
import type { ExecutedCalls } from "./executed-calls.ts";
import type { KnownRecords } from "./known-records.ts";
import type { MembershipEntries } from "./membership-entries.ts";
import type { NodeFacts } from "./node-facts.ts";
import type { SessionEvents } from "./session-events.ts";
import type { Sessions } from "./sessions.ts";

/** What outlives a restart. All calls are synchronous and short. */
export interface Store {
  readonly nodeFacts: NodeFacts;
  readonly membershipEntries: MembershipEntries;
  readonly executedCalls: ExecutedCalls;
  readonly sessions: Sessions;
  readonly sessionEvents: SessionEvents;
  readonly knownRecords: KnownRecords;
  readonly auditLog: AuditLog;
  /** Does all of `work` or, if it throws, none of it. May be nested. */
  transaction<T>(work: () => T): T;
  /** Writes everything down and lets the file go. A second time does nothing. */
  close(): void;
}

/** A damaged store that was put aside, for the log and the screen. */
export interface DamagedStore {
  readonly movedTo: string;
  readonly reason: string;
}

export interface OpenStoreOptions {
  /** The SQLite file; `-wal` and `-shm` lie beside it. Its directory must exist. */
  readonly file: string;
  readonly clock: Clock;
}

export interface OpenedStore {
  readonly store: Store;
  /** Set if the file was damaged: it was moved aside, and `store` is new and empty. */
  readonly damaged: DamagedStore | undefined;
}

/**
 * Opens the store, making it or bringing it up to date first.
 * @throws StatusError `failed-precondition` if a newer version wrote it, `permission-denied` if it cannot be written,
 *   `resource-exhausted` if the disk is full.
 */
export function openStore(_options: OpenStoreOptions): OpenedStore {
  throw new Error("the store is being written");
}
