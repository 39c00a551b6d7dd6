import type { Clock, Logger, Random } from "@clawmatrix/environment";
import type { AgentSettings } from "../agent-settings.ts";
import type { ProgramSessions } from "../outside/outside-session.ts";
import type { EventLog } from "../sessions/event-log.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { AgentGrants } from "./caller-rights.ts";

export interface AgentsServiceOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** This node's id, canonical text. */
  readonly nodeId: string;
  /** The 16 bytes of any node id. */
  readonly nodeIdBytes: (nodeId: string) => Uint8Array;
  /** The name of a node, for people; empty where it is not known. Default: none is known. */
  readonly nodeName?: (nodeId: string) => string;
  /** The environment that agents inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What a leading "~" in a directory stands for; absolute. */
  readonly home: string;
  readonly softwareVersion: string;
  readonly agents: readonly AgentSettings[];
  /** Where events are kept. Default: in memory. */
  readonly eventLog?: EventLog;
  /** Where sessions are kept. Default: in memory. */
  readonly sessionStore?: SessionStore;
  /**
   * Where the processes that were started are written down, so that none outlives a node that was killed for longer than until
   * its next start. Default: nowhere.
   */
  readonly processFile?: string;
  /** The sessions that other programs keep on this machine. Default: none. */
  readonly programSessions?: ProgramSessions;
  /** Whether agents are asked which sessions they have themselves. Default: no. */
  readonly asksAgentsForSessions?: () => boolean;
  /** Default: DEFAULT_AGENT_GRANTS. */
  readonly grants?: AgentGrants;
  /** Live sessions on this node. Default: DEFAULT_MAX_LIVE. */
  readonly maxLive?: number;
  /** How long a permission request or a question waits for a person, in milliseconds. Default: 30 minutes. */
  readonly waitMs?: number;
}

/** One node serves a team; past this it needs another machine. */
export const DEFAULT_MAX_LIVE = 100;
export const DEFAULT_WAIT_MS = 30 * 60 * 1_000;
