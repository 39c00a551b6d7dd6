import type { Caller } from "@clawmatrix/protocol";

/** The callers of this node itself. */
export const OWN_TRUST_CLASS = "own";

/**
 * Who may share a process of an agent: the clients of this node among themselves, and those of each other node among
 * themselves. A process keeps what it has read and been told, so nothing of one node's may reach another through it.
 */
export function trustClassOf(caller: Caller, ownNodeId: string): string {
  return caller.local || caller.nodeId === ownNodeId ? OWN_TRUST_CLASS : caller.nodeId;
}
