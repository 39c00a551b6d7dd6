import { type CallContext, type Caller, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { Session } from "../sessions/session.ts";
import { EndReason } from "../sessions/session-endings.ts";
import type { ServiceParts } from "./service-parts.ts";

type AccessParts = Pick<ServiceParts, "rights" | "registry" | "opener" | "fleet" | "outside">;

/** The sessions of this node, as its callers may use them. What is taken into memory for a call leaves it after the call. */
export class SessionAccess {
  readonly #parts: AccessParts;

  constructor(parts: AccessParts) {
    this.#parts = parts;
  }

  /** @throws StatusError NOT_FOUND, PERMISSION_DENIED */
  watched(id: string, caller: Caller): Session {
    this.#parts.rights.requireWatch(caller, this.#parts.registry.record(id));
    return this.#parts.registry.find(id);
  }

  /** @throws StatusError NOT_FOUND, PERMISSION_DENIED, FAILED_PRECONDITION "session-not-open" for one that another program keeps */
  controlled(id: string, caller: Caller): Session {
    if (this.#parts.outside.isListed(id) && this.#parts.rights.mayWatchAny(caller)) throw notOpen(id);
    this.#parts.rights.requireControl(caller, this.#parts.registry.record(id));
    return this.#parts.registry.find(id);
  }

  /** Uses a session that the caller may control, continued first if its process has gone. */
  async withLive<T>(
    id: string,
    { caller, signal }: Pick<CallContext, "caller" | "signal">,
    use: (session: Session, options: { timeoutMs: number; signal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const { registry, opener, fleet } = this.#parts;
    const session = this.controlled(id, caller);
    try {
      if (session.endReason !== EndReason.closed)
        await opener.resume(session, { say: () => undefined, signal });
      const { timeoutMs } = fleet.pool(session.agentId).settings;
      return await use(session, { timeoutMs, signal });
    } finally {
      registry.forgetUnused(session);
    }
  }

  /** Uses a session as it is. */
  use<T>(session: Session, use: (session: Session) => T): T {
    try {
      return use(session);
    } finally {
      this.#parts.registry.forgetUnused(session);
    }
  }

  /** Which sessions in memory this caller may answer for. */
  mayAnswer(caller: Caller): (sessionId: string) => boolean {
    return (sessionId) => {
      const record = this.#parts.registry.inMemory(sessionId)?.record;
      return record !== undefined && this.#parts.rights.mayControl(caller, record);
    };
  }
}

function notOpen(id: string): StatusError {
  return new StatusError(
    StatusCode.FAILED_PRECONDITION,
    `the session ${id} is stored on this node, and not open`,
    {
      reason: "session-not-open",
      hint: `\`clawmatrix session resume ${id}\` has its agent take it up`,
    },
  );
}
