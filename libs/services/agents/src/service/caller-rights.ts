import { type Caller, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { Participant } from "../sessions/audience.ts";
import type { StoredSession } from "../sessions/session-store.ts";

/** What this node's rules let a caller use. */
export interface AgentGrants {
  /** Whether the caller has this capability: "agent:<id>", "sessions:watch", "sessions:control". */
  allows(caller: Caller, capability: string): boolean;
}

/** What holds without rules: members may use every agent. What they opened is theirs anyway. */
export const DEFAULT_AGENT_GRANTS: AgentGrants = Object.freeze({
  allows: (caller: Caller, capability: string) => caller.member && capability.startsWith("agent:"),
});

export interface CallerRightsOptions {
  readonly nodeId: string;
  readonly grants: AgentGrants;
  readonly nodeIdBytes: (nodeId: string) => Uint8Array;
  /** The name of a node, for people; empty where it is not known. */
  readonly nodeName: (nodeId: string) => string;
}

type Owned = Pick<StoredSession, "ownerNode">;

/** Who may do what with agents and sessions. This node's own clients may do everything, an owner everything with its own. */
export class CallerRights {
  readonly #options: CallerRightsOptions;

  constructor(options: CallerRightsOptions) {
    this.#options = options;
  }

  isOwn(caller: Caller): boolean {
    return caller.local || caller.nodeId === this.#options.nodeId;
  }

  mayControl(caller: Caller, session: Owned): boolean {
    const owns = this.isOwn(caller) || caller.nodeId === session.ownerNode;
    return owns || this.#options.grants.allows(caller, "sessions:control");
  }

  mayWatch(caller: Caller, session: Owned): boolean {
    return this.mayControl(caller, session) || this.#options.grants.allows(caller, "sessions:watch");
  }

  /**
   * Sessions that were not opened through the mesh belong to whoever uses this machine: others see them if they may watch
   * everything here, and use one of the agents to which they belong.
   */
  mayWatchOutside(caller: Caller, agentIds: readonly string[]): boolean {
    if (this.isOwn(caller)) return true;
    const { grants } = this.#options;
    if (!this.mayWatchAny(caller)) return false;
    return agentIds.length === 0 || agentIds.some((id) => grants.allows(caller, `agent:${id}`));
  }

  /** Whether the caller may watch sessions that are not its own. */
  mayWatchAny(caller: Caller): boolean {
    const { grants } = this.#options;
    return (
      this.isOwn(caller) ||
      grants.allows(caller, "sessions:watch") ||
      grants.allows(caller, "sessions:control")
    );
  }

  requireAgent(caller: Caller, agentId: string): void {
    if (this.isOwn(caller) || this.#options.grants.allows(caller, `agent:${agentId}`)) return;
    throw refused(`use the agent "${agentId}"`, `agent:${agentId}`);
  }

  requireControl(caller: Caller, session: Owned): void {
    if (!this.mayControl(caller, session)) throw refused("control this session", "sessions:control");
  }

  requireWatch(caller: Caller, session: Owned): void {
    if (!this.mayWatch(caller, session)) throw refused("watch this session", "sessions:watch");
  }

  requireWatchOutside(caller: Caller, agentIds: readonly string[]): void {
    if (!this.mayWatchOutside(caller, agentIds)) throw refused("watch this session", "sessions:watch");
  }

  /** Conversations that this mesh does not know belong to whoever uses this machine. */
  requireUnknownSessions(caller: Caller): void {
    if (this.isOwn(caller) || this.#options.grants.allows(caller, "sessions:control")) return;
    throw refused("take up a session that was not opened through the mesh", "sessions:control");
  }

  participant(caller: Caller, control: boolean): Participant {
    const { nodeIdBytes, nodeName } = this.#options;
    const { nodeId, clientId } = caller;
    const watcher = { node: nodeIdBytes(nodeId), clientId, control, name: nodeName(nodeId) };
    return { nodeId, clientId, control, watcher };
  }
}

function refused(what: string, capability: string): StatusError {
  return new StatusError(StatusCode.PERMISSION_DENIED, `your node may not ${what} on this node`, {
    reason: "not-granted",
    hint: `a [[grants]] rule with "${capability}" in this node's configuration allows it`,
  });
}
