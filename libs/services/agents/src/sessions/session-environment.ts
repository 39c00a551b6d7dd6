import type { Clock, Logger, Random } from "@clawmatrix/environment";
import type { InputDesk } from "../inputs/input-desk.ts";
import type { PermissionSettings } from "../inputs/permission-settings.ts";
import type { LocalClient } from "../local-client/local-client.ts";
import type { EventLog } from "./event-log.ts";
import type { Session } from "./session.ts";
import type { SessionStore, StoredSession } from "./session-store.ts";

/** What every session of a node is made with. */
export interface SessionEnvironment {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly log: EventLog;
  readonly store: SessionStore;
  readonly desk: InputDesk;
  /** The 16 bytes of a node id. */
  readonly nodeIdBytes: (nodeId: string) => Uint8Array;
  /** This node's id. */
  readonly nodeId: string;
  /** What its agent's settings say of permissions now. */
  readonly permissions: (session: StoredSession) => PermissionSettings;
  /** Binds the session to a process again by the agent's resume or load. */
  readonly continueSession: (session: Session, signal: AbortSignal) => Promise<void>;
  /** Serves what clients leave to this node, in one session. */
  readonly localClient: (session: StoredSession) => LocalClient;
  /** How long an agent may take to close a session that is parked, in milliseconds. */
  readonly parkTimeoutMs: (agentId: string) => number;
  /** A session has begun or ceased to be live. */
  readonly onChange: () => void;
  /** A follower has left: the session may not be needed in memory any more. */
  readonly onUnused: (session: Session) => void;
}
