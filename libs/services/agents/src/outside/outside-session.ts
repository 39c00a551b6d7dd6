import type { SessionSource } from "@clawmatrix/protocol";

/** A session that was not opened through this mesh: another program keeps it, or an agent by itself. */
export interface OutsideSession {
  /** Its id in the mesh: always the same for the same session, also once it was taken up. */
  readonly id: string;
  readonly source: SessionSource;
  /** The id by which an agent knows it; empty: none would. */
  readonly agentSessionId: string;
  /** Empty where nobody says it. */
  readonly cwd: string;
  readonly title: string;
  readonly description: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The sessions after this one, of which so many. */
export interface OutsideQuery {
  readonly after?: { readonly updatedAt: number; readonly id: string } | undefined;
  readonly limit: number;
}

export interface OutsidePage<Session extends OutsideSession = OutsideSession> {
  /** The one changed latest first. */
  readonly sessions: readonly Session[];
  /** A newer list is being made. */
  readonly stale: boolean;
}

/** One thing that was said or done in a stored session. */
export interface OutsideEvent {
  /** Counted from 1. */
  readonly seq: number;
  /** Milliseconds since 1970; 0: not known. */
  readonly at: number;
  /** The `update` of ACP's session/update. */
  readonly updateJson: Uint8Array;
}

export interface OutsideTranscript {
  readonly events: readonly OutsideEvent[];
  /** Empty on the last page. */
  readonly nextCursor: string;
}

/**
 * The sessions that other programs keep on this machine, read-only. `StoredSessions` of @clawmatrix/stored-sessions has this
 * shape; the runtime gives it to this service.
 */
export interface ProgramSessions {
  page(query: OutsideQuery): Promise<OutsidePage>;
  find(id: string): Promise<OutsideSession | undefined>;
  /** Whether there is one of this id, as far as is known now. */
  isListed(id: string): boolean;
  /** @throws StatusError NOT_FOUND; INVALID_ARGUMENT "bad-cursor". */
  read(id: string, query: { readonly cursor: string; readonly limit: number }): Promise<OutsideTranscript>;
}

type Place = Pick<OutsideSession, "updatedAt" | "id">;

/** The order of all lists of sessions. */
export function latestFirst(a: Place, b: Place): number {
  return b.updatedAt - a.updatedAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}
