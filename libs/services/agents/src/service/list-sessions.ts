import type { ListSessionsRequest, ListSessionsResponseInit, SessionInfoInit } from "@clawmatrix/protocol";
import { latestFirst } from "../outside/outside-session.ts";
import { outsideSessionInfo } from "../outside/outside-session-info.ts";
import type { KnownOutsideSession, OutsideSessions } from "../outside/outside-sessions.ts";
import type { SessionEnvironment } from "../sessions/session-environment.ts";
import { storedSessionInfo } from "../sessions/session-info.ts";
import type { SessionRegistry } from "../sessions/session-registry.ts";
import type { StoredSession } from "../sessions/session-store.ts";
import { pageSize, readCursor, type SessionCursor, writeCursor } from "./page-cursor.ts";

export interface ListSessionsOptions {
  readonly registry: SessionRegistry;
  readonly environment: Pick<SessionEnvironment, "store" | "nodeId" | "nodeIdBytes">;
  readonly outside: OutsideSessions;
  readonly maySee: (session: StoredSession) => boolean;
  /** Undefined: the caller sees none of them, and nobody is asked for them. */
  readonly maySeeOutside: ((session: KnownOutsideSession) => boolean) | undefined;
}

/** A session that the list may show, and what it shows of it. */
interface Row extends SessionCursor {
  readonly isSeen: () => boolean;
  readonly info: () => SessionInfoInit;
}

const DEFAULT_ROWS = 500;
const MAX_ROWS = 1_000;
/** Sessions looked at for one page, so that one who may see few of many does not cost much. */
const MAX_LOOKED_AT = 10_000;
const BATCH = 500;

/** One page of the sessions that a caller may see, the one changed latest first. */
export async function listSessions(
  request: ListSessionsRequest,
  options: ListSessionsOptions,
): Promise<ListSessionsResponseInit> {
  const limit = pageSize(request.limit, DEFAULT_ROWS, MAX_ROWS);
  const sessions: SessionInfoInit[] = [];
  let after = readCursor(request.cursor);
  let stale = false;
  for (let lookedAt = 0; lookedAt < MAX_LOOKED_AT; ) {
    const batch = await nextRows(request, after, options);
    stale ||= batch.stale;
    for (const row of batch.rows) {
      lookedAt++;
      if (row.isSeen()) {
        if (sessions.length === limit)
          return { sessions, stale, nextCursor: after === undefined ? "" : writeCursor(after) };
        sessions.push(row.info());
      }
      after = row;
    }
    if (batch.isLast) return { sessions, stale };
  }
  return { sessions, stale, nextCursor: after === undefined ? "" : writeCursor(after) };
}

interface Batch {
  readonly rows: readonly Row[];
  readonly isLast: boolean;
  readonly stale: boolean;
}

/** The next rows of the mesh's own sessions and of those outside, in one order. */
async function nextRows(
  { agentId, liveOnly }: ListSessionsRequest,
  after: SessionCursor | undefined,
  options: ListSessionsOptions,
): Promise<Batch> {
  if (liveOnly) return { rows: liveRows(agentId, after, options), isLast: true, stale: false };
  const { environment, outside, maySeeOutside } = options;
  const own = environment.store
    .list({ limit: BATCH, ...(agentId !== "" && { agentId }), ...(after && { after }) })
    .map((record) => ownRow(record, options));
  const page = maySeeOutside === undefined ? undefined : await outside.page({ after, limit: BATCH });
  const others = (page?.sessions ?? []).map((session) => outsideRow(session, agentId, options));
  const full = [own, others].filter((rows) => rows.length === BATCH);
  // Behind the end of a full batch, rows of the other one may still come after rows that were not fetched yet.
  const horizon = full.map((rows) => rows[BATCH - 1]!).sort(latestFirst)[0];
  const rows = [...own, ...others]
    .sort(latestFirst)
    .filter((row) => horizon === undefined || latestFirst(row, horizon) <= 0);
  return { rows, isLast: full.length === 0, stale: page?.stale ?? false };
}

function liveRows(agentId: string, after: SessionCursor | undefined, options: ListSessionsOptions): Row[] {
  return options.registry.live
    .filter((session) => agentId === "" || session.agentId === agentId)
    .map((session) => ({ ...ownRow(session.record, options), updatedAt: session.updatedAt }))
    .sort(latestFirst)
    .filter((row) => after === undefined || latestFirst(after, row) < 0);
}

function ownRow(record: StoredSession, { registry, environment, maySee }: ListSessionsOptions): Row {
  const { id, updatedAt } = record;
  return {
    id,
    updatedAt,
    isSeen: () => maySee(record),
    info: () => registry.inMemory(id)?.info() ?? storedSessionInfo(record, environment),
  };
}

function outsideRow(
  session: KnownOutsideSession,
  agentId: string,
  { outside, environment, maySeeOutside }: ListSessionsOptions,
): Row {
  const { id, updatedAt, agentIds } = session;
  return {
    id,
    updatedAt,
    isSeen: () =>
      (agentId === "" || agentIds.includes(agentId)) &&
      maySeeOutside?.(session) === true &&
      !outside.isTaken(session),
    info: () => outsideSessionInfo(session, environment),
  };
}
