import type { ListSessionsRequest, ListSessionsResponseInit, SessionInfoInit } from "@clawmatrix/protocol";
import type { SessionEnvironment } from "../sessions/session-environment.ts";
import { storedSessionInfo } from "../sessions/session-info.ts";
import type { SessionRegistry } from "../sessions/session-registry.ts";
import type { StoredSession } from "../sessions/session-store.ts";
import { pageSize, readCursor, writeCursor } from "./page-cursor.ts";

export interface ListSessionsOptions {
  readonly registry: SessionRegistry;
  readonly environment: Pick<SessionEnvironment, "store" | "nodeId" | "nodeIdBytes">;
  readonly maySee: (session: StoredSession) => boolean;
}

const DEFAULT_ROWS = 500;
const MAX_ROWS = 1_000;
/** Sessions looked at for one page, so that one who may see few of many does not cost much. */
const MAX_LOOKED_AT = 10_000;
const STORE_PAGE = 500;

/** One page of the sessions that a caller may see, the one changed latest first. */
export function listSessions(
  request: ListSessionsRequest,
  options: ListSessionsOptions,
): ListSessionsResponseInit {
  const { registry, environment, maySee } = options;
  const limit = pageSize(request.limit, DEFAULT_ROWS, MAX_ROWS);
  const sessions: SessionInfoInit[] = [];
  let after = readCursor(request.cursor);
  for (let lookedAt = 0; lookedAt < MAX_LOOKED_AT; ) {
    const page = environment.store.list({
      limit: STORE_PAGE,
      ...(request.agentId !== "" && { agentId: request.agentId }),
      ...(after && { after }),
    });
    for (const record of page) {
      lookedAt++;
      const session = registry.inMemory(record.id);
      if (maySee(record) && (session?.live || !request.liveOnly)) {
        if (sessions.length === limit)
          return { sessions, nextCursor: after === undefined ? "" : writeCursor(after) };
        sessions.push(session?.info() ?? storedSessionInfo(record, environment));
      }
      after = { updatedAt: record.updatedAt, id: record.id };
    }
    if (page.length < STORE_PAGE) return { sessions };
  }
  return { sessions, nextCursor: after === undefined ? "" : writeCursor(after) };
}
