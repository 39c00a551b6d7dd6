export type { AuditEntry, AuditLog, AuditQuery, StoredAuditEntry } from "./audit-log.ts";
export type { CallKey, ExecutedCall, ExecutedCalls } from "./executed-calls.ts";
export type { HomeLock, HomeLockOptions } from "./home-lock.ts";
export { acquireHomeLock } from "./home-lock.ts";
export type { KnownRecord, KnownRecords } from "./known-records.ts";
export type { MembershipEntries, StoredMembershipEntry } from "./membership-entries.ts";
export type { NodeFacts } from "./node-facts.ts";
export type { DamagedStore, OpenedStore, OpenStoreOptions } from "./open-store.ts";
export { openStore } from "./open-store.ts";
export type {
  NewSessionEvent,
  ReadSessionEventsOptions,
  SessionEvent,
  SessionEventBounds,
  SessionEventPage,
  SessionEventRange,
  SessionEvents,
} from "./session-events.ts";
export type { SessionChange, SessionQuery, SessionState, Sessions, StoredSession } from "./sessions.ts";
export type { Store } from "./store.ts";
