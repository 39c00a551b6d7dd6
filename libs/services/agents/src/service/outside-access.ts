import {
  type Caller,
  type OpenSessionRequest,
  type ReadHistoryRequest,
  type ReadHistoryResponseInit,
  type SessionEventInit,
  SessionSource,
  StatusCode,
  StatusError,
  type WatchRequest,
  type WatchResponseInit,
} from "@clawmatrix/protocol";
import type { OutsideEvent } from "../outside/outside-session.ts";
import { outsideSessionInfo } from "../outside/outside-session-info.ts";
import type { KnownOutsideSession, OutsideSessions } from "../outside/outside-sessions.ts";
import type { SessionEnvironment } from "../sessions/session-environment.ts";
import type { CallerRights } from "./caller-rights.ts";
import { pageSize } from "./page-cursor.ts";

const DEFAULT_ENTRIES = 200;
const MAX_ENTRIES = 1_000;

export interface OutsideAccessOptions {
  readonly outside: OutsideSessions;
  readonly rights: CallerRights;
  readonly environment: Pick<SessionEnvironment, "nodeId" | "nodeIdBytes">;
}

/** The sessions that the mesh does not have, as its callers may use them. */
export class OutsideAccess {
  readonly #options: OutsideAccessOptions;

  constructor(options: OutsideAccessOptions) {
    this.#options = options;
  }

  /** Undefined for who may see none: then nobody is asked for them. */
  maySee(caller: Caller): ((session: KnownOutsideSession) => boolean) | undefined {
    const { rights } = this.#options;
    return rights.mayWatchAny(caller)
      ? ({ agentIds }) => rights.mayWatchOutside(caller, agentIds)
      : undefined;
  }

  /**
   * The session of this id; undefined where there is none, or the mesh has it by now.
   * @throws StatusError PERMISSION_DENIED
   */
  async watched(id: string, caller: Caller): Promise<KnownOutsideSession | undefined> {
    const { outside, rights } = this.#options;
    // Who may see none is told the same of those that there are and of those that there are not.
    if (!rights.mayWatchAny(caller)) return undefined;
    const session = await outside.find(id);
    if (session !== undefined) rights.requireWatchOutside(caller, session.agentIds);
    return session;
  }

  /**
   * By which agent a session is to be taken up.
   * @throws StatusError PERMISSION_DENIED; FAILED_PRECONDITION "no-agent-for-session" where this node has none that could.
   */
  agentFor(
    session: KnownOutsideSession,
    { agentId }: Pick<OpenSessionRequest, "agentId">,
    caller: Caller,
  ): string {
    const { rights } = this.#options;
    rights.requireUnknownSessions(caller);
    const [first] = session.agentIds;
    const chosen = session.agentIds.includes(agentId) ? agentId : first;
    if (chosen === undefined) throw noAgent(session);
    rights.requireAgent(caller, chosen);
    return chosen;
  }

  async readHistory(
    session: KnownOutsideSession,
    { limit, cursor }: Pick<ReadHistoryRequest, "limit" | "cursor">,
  ): Promise<ReadHistoryResponseInit> {
    const { outside, environment } = this.#options;
    const page = await outside.read(session, {
      cursor,
      limit: pageSize(limit, DEFAULT_ENTRIES, MAX_ENTRIES),
    });
    return {
      session: outsideSessionInfo(session, environment),
      events: page.events.map(eventOf),
      nextCursor: page.nextCursor,
    };
  }

  /** What is kept of a session, page by page, then that nothing follows: nobody can tell when its program adds to it. */
  async *watch(
    session: KnownOutsideSession,
    { sinceSeq }: Pick<WatchRequest, "sinceSeq">,
    signal: AbortSignal,
  ): AsyncGenerator<WatchResponseInit, void> {
    const { outside, environment } = this.#options;
    yield { message: { case: "session", value: outsideSessionInfo(session, environment) } };
    let cursor = "";
    let last = 0;
    do {
      const page = await outside.read(session, { cursor, limit: DEFAULT_ENTRIES });
      for (const event of page.events) {
        if (signal.aborted) return;
        last = event.seq;
        if (event.seq > sinceSeq) yield { message: { case: "event", value: eventOf(event) } };
      }
      cursor = page.nextCursor;
    } while (cursor !== "");
    yield { message: { case: "event", value: endOf(session, last + 1) } };
    yield { message: { case: "caughtUp", value: true } };
  }
}

function eventOf({ seq, at, updateJson }: OutsideEvent): SessionEventInit {
  return { seq, atUnixMs: BigInt(at), body: { case: "updateJson", value: updateJson } };
}

function endOf({ agentIds, updatedAt }: KnownOutsideSession, seq: number): SessionEventInit {
  const message =
    agentIds.length > 0
      ? "not open here; resuming it has its agent take it up"
      : "kept by another program; no agent here can take it up";
  return { seq, atUnixMs: BigInt(updatedAt), body: { case: "ended", value: { reason: "stored", message } } };
}

const PROGRAMS: ReadonlyMap<SessionSource, { readonly title: string; readonly hint: string }> = new Map([
  [
    SessionSource.CLAUDE_CODE,
    { title: "Claude Code", hint: "`clawmatrix agents add claude` on its node adds an agent that can" },
  ],
  [
    SessionSource.CODEX,
    { title: "Codex", hint: "`clawmatrix agents add codex` on its node adds an agent that can" },
  ],
  [
    SessionSource.OPENCLAW,
    {
      title: "OpenClaw",
      hint: "an agent with the command `openclaw acp` can, for conversations that its gateway still has; `session show` reads it",
    },
  ],
]);

function noAgent({ id, source }: KnownOutsideSession): StatusError {
  const { title, hint } = PROGRAMS.get(source) ?? {
    title: "another program",
    hint: "`session show` reads it",
  };
  const message = `the session ${id} is kept by ${title}, and no agent of this node can take it up`;
  return new StatusError(StatusCode.FAILED_PRECONDITION, message, { reason: "no-agent-for-session", hint });
}
