import type { Clock, Logger } from "@clawmatrix/environment";
import { SessionEvent, StatusCode } from "@clawmatrix/protocol";
import type { EventLog } from "./event-log.ts";
import { EndReason } from "./session-endings.ts";
import { SessionJournal } from "./session-journal.ts";
import type { SessionStore, StoredSession } from "./session-store.ts";

export interface RecoverSessionsOptions {
  readonly store: SessionStore;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What was under way when the log ends. */
interface OpenEnds {
  /** The turn without an end: its ids. */
  turn: { readonly turnId: string; readonly requestId: string } | undefined;
  /** Permission requests and questions without an answer. */
  readonly inputs: string[];
}

const PAGE = 500;
/** Events looked at together, from the end of the log to its beginning. */
const WINDOW = 64;
const MESSAGE = "the node of the session ended without a goodbye; the next prompt continues the session";

/**
 * Writes down how the sessions ended that were live when the node was killed: nobody could do so then, and whoever reads
 * them would take turns to be running that do not. Says how many there were.
 */
export function recoverSessions(options: RecoverSessionsOptions): number {
  const { store, logger } = options;
  let recovered = 0;
  let after: { updatedAt: number; id: string } | undefined;
  for (;;) {
    const page = store.list({
      limit: PAGE,
      states: ["idle", "running", "permission"],
      ...(after && { after }),
    });
    for (const session of page) {
      after = { updatedAt: session.updatedAt, id: session.id };
      try {
        recover(session, options);
        recovered++;
      } catch (error) {
        logger.error("a session of before the restart could not be put in order", {
          session: session.id,
          error: String(error),
        });
      }
    }
    if (page.length < PAGE) return recovered;
  }
}

function recover({ id }: StoredSession, { store, log, clock, logger }: RecoverSessionsOptions): void {
  const { turn, inputs } = openEnds(id, log);
  const journal = new SessionJournal(id, log, { clock, logger });
  for (const input of inputs) journal.append({ case: "answered", value: { id: input, how: "cancelled" } });
  if (turn !== undefined) {
    const value = {
      ...turn,
      code: StatusCode.UNAVAILABLE,
      reason: EndReason.nodeRestarted,
      message: MESSAGE,
    };
    journal.append({ case: "turnFailed", value });
  }
  journal.append({ case: "ended", value: { reason: EndReason.nodeRestarted, message: MESSAGE } });
  journal.flush();
  store.update(id, { state: "closed", endReason: EndReason.nodeRestarted });
}

function openEnds(sessionId: string, log: EventLog): OpenEnds {
  const ends: OpenEnds = { turn: undefined, inputs: [] };
  const answered = new Set<string>();
  const { first, last } = log.range(sessionId);
  for (let end = last; end >= first; end -= WINDOW) {
    const from = Math.max(first, end - WINDOW + 1);
    const { events } = log.read(sessionId, from, {
      limit: end - from + 1,
      maxBytes: Number.MAX_SAFE_INTEGER,
    });
    for (const { payload } of [...events].reverse()) {
      const { body } = SessionEvent.decode(payload);
      switch (body.case) {
        case "answered":
          answered.add(body.value.id);
          break;
        case "permissionAsked":
        case "questionAsked":
          if (!answered.has(body.value.id)) ends.inputs.unshift(body.value.id);
          break;
        case "turnStarted":
          ends.turn = { turnId: body.value.turnId, requestId: body.value.requestId };
          return ends;
        case "turnEnded":
        case "turnFailed":
        case "ended":
          return ends;
        default:
          break;
      }
    }
  }
  return ends;
}
