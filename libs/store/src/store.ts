import type { Clock } from "@clawmatrix/environment";
import { type AuditLog, SqliteAuditLog } from "./audit-log.ts";
import type { Database } from "./database.ts";
import { type ExecutedCalls, SqliteExecutedCalls } from "./executed-calls.ts";
import { type KnownRecords, SqliteKnownRecords } from "./known-records.ts";
import { type MembershipEntries, SqliteMembershipEntries } from "./membership-entries.ts";
import { type NodeFacts, SqliteNodeFacts } from "./node-facts.ts";
import { type SessionEvents, SqliteSessionEvents } from "./session-events.ts";
import { type Sessions, SqliteSessions } from "./sessions.ts";

/** What outlives a restart. All calls are synchronous and short. */
export interface Store {
  readonly nodeFacts: NodeFacts;
  readonly membershipEntries: MembershipEntries;
  readonly executedCalls: ExecutedCalls;
  readonly sessions: Sessions;
  readonly sessionEvents: SessionEvents;
  readonly knownRecords: KnownRecords;
  readonly auditLog: AuditLog;
  /** Does all of `work` or, if it throws, none of it; durable at the return. May be nested. */
  transaction<T>(work: () => T): T;
  /** Writes everything down and lets the file go. A second time does nothing. */
  close(): void;
}

/** The store on one SQLite connection. */
export class SqliteStore implements Store {
  readonly nodeFacts: NodeFacts;
  readonly membershipEntries: MembershipEntries;
  readonly executedCalls: ExecutedCalls;
  readonly sessions: Sessions;
  readonly sessionEvents: SessionEvents;
  readonly knownRecords: KnownRecords;
  readonly auditLog: AuditLog;
  readonly #database: Database;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.nodeFacts = new SqliteNodeFacts(database);
    this.membershipEntries = new SqliteMembershipEntries(database);
    this.executedCalls = new SqliteExecutedCalls(database, clock);
    this.sessions = new SqliteSessions(database);
    this.sessionEvents = new SqliteSessionEvents(database);
    this.knownRecords = new SqliteKnownRecords(database);
    this.auditLog = new SqliteAuditLog(database);
  }

  transaction<T>(work: () => T): T {
    return this.#database.transaction("durable", work);
  }

  close(): void {
    this.#database.close();
  }
}
