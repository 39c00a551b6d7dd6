import { formatNodeId, nodeIdFromBytes } from "@clawmatrix/identity";
import {
  type AgentOffer,
  AgentState,
  type MeshStatus,
  NodeReach,
  type NodeStatus,
} from "@clawmatrix/protocol";

/** `status --json`. */
export function statusJson(status: MeshStatus): object {
  return {
    node: {
      id: shownId(status.id),
      name: status.name,
      version: status.softwareVersion,
      uptimeMs: Number(status.uptimeMs),
      founder: status.founder,
    },
    peers: status.nodes.map(nodeJson),
    sessions: status.sessions,
    handoffs: { working: status.handoffsWorking, inputRequired: status.handoffsInputRequired },
    pendingMembers: status.pendingMembers,
    ...(status.warnings.length === 0 ? {} : { warnings: status.warnings }),
  };
}

/** A node as `status --json` lists it under `peers`, and `nodes --json` as a row. */
export function nodeJson(node: NodeStatus): object {
  return {
    id: shownId(node.id),
    name: node.name,
    state: reachName(node.reach),
    via: node.viaName === "" ? null : node.viaName,
    hops: node.hops,
    rttMs: node.rttMs === 0 ? null : Math.round(node.rttMs * 100) / 100,
    version: node.softwareVersion,
    labels: node.labels,
    agents: node.agents.map(({ id }) => id),
    models: node.models.map(({ id }) => id),
    tools: node.tools.map(({ id }) => id),
    ...(node.why === "" ? {} : { why: node.why }),
    ...(node.nameConflict ? { nameConflict: true } : {}),
  };
}

/** An agent as `agents --json` lists it. */
export function agentJson(offer: AgentOffer, nodeName: string, nodeId: Uint8Array) {
  return {
    id: offer.id,
    node: nodeName,
    nodeId: shownId(nodeId),
    description: offer.description,
    tags: offer.tags,
    state: agentStateName(offer.state),
    sessions: offer.sessions,
    ...(offer.why === "" ? {} : { why: offer.why }),
  };
}

export function agentStateName(state: AgentState): "ready" | "busy" | "failed" {
  if (state === AgentState.BUSY) return "busy";
  return state === AgentState.FAILED ? "failed" : "ready";
}

export function reachName(reach: NodeReach): "direct" | "relayed" | "unreachable" {
  if (reach === NodeReach.DIRECT) return "direct";
  return reach === NodeReach.RELAYED ? "relayed" : "unreachable";
}

/** A node id as people see it everywhere: in groups of four. */
export function shownId(bytes: Uint8Array): string {
  return formatNodeId(nodeIdFromBytes(bytes));
}
