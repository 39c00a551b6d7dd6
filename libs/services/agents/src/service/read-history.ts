import type { ReadHistoryRequest, ReadHistoryResponseInit } from "@clawmatrix/protocol";
import type { Session } from "../sessions/session.ts";
import type { NumberedEvent } from "../sessions/session-journal.ts";
import { pageSize, readSeqCursor } from "./page-cursor.ts";

const DEFAULT_ENTRIES = 200;
const MAX_ENTRIES = 1_000;

/** One page of the events of a session of this mesh, from the first that is kept on. */
export function readHistory(
  session: Session,
  { limit, cursor }: Pick<ReadHistoryRequest, "limit" | "cursor">,
): ReadHistoryResponseInit {
  const most = pageSize(limit, DEFAULT_ENTRIES, MAX_ENTRIES);
  const events: NumberedEvent[] = [];
  let last = readSeqCursor(cursor);
  while (events.length < most) {
    const page = session.journal.read(last + 1).events.slice(0, most - events.length);
    if (page.length === 0) break;
    events.push(...page);
    last = page.at(-1)?.seq ?? last;
  }
  return { session: session.info(), events, nextCursor: last < session.journal.lastSeq ? String(last) : "" };
}
