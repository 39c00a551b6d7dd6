import { formatNodeId, type NodeId, nodeIdFromBytes } from "@clawmatrix/identity";
import {
  type AgentOffer,
  AgentState,
  type MeshStatus,
  NodeReach,
  type NodeStatus,
} from "@clawmatrix/protocol";
import { oneLine } from "../text/plain-text.ts";

export type Reach = "here" | "direct" | "relayed" | "unreachable";

export interface AgentView {
  readonly id: string;
  readonly description: string;
  readonly state: "ready" | "busy" | "failed";
}

/** A node as the list shows it. */
export interface NodeView {
  readonly id: NodeId;
  readonly name: string;
  readonly reach: Reach;
  /** Name of the next hop; empty where there is none. */
  readonly via: string;
  readonly hops: number;
  /** Milliseconds; 0: not known. */
  readonly rttMs: number;
  readonly version: string;
  readonly labels: readonly string[];
  readonly agents: readonly AgentView[];
  readonly models: readonly string[];
  readonly tools: readonly string[];
  readonly relays: boolean;
  /** Names of the nodes that it has links with. */
  readonly links: readonly string[];
  /** Why it is unreachable. */
  readonly why: string;
  /** When its reach changed, in milliseconds since 1970; 0: not known. */
  readonly changedAtMs: number;
}

/** A node that went away or came back while the screen was open. */
export interface NodeEvent {
  readonly atMs: number;
  readonly name: string;
  readonly what: string;
}

export interface MeshView {
  /** The local node first, then by name. */
  readonly nodes: readonly NodeView[];
  readonly warnings: readonly string[];
  /** Newest last. */
  readonly events: readonly NodeEvent[];
}

/** Drops and comebacks that are kept for show. */
const MAX_EVENTS = 50;

/** What the screen shows of a status, with what changed since the one before. */
export function viewMesh(before: MeshView | undefined, status: MeshStatus, nowMs: number): MeshView {
  const self = viewSelf(status);
  const names = new Map(status.nodes.map((node) => [nodeIdFromBytes(node.id), oneLine(node.name)]));
  names.set(self.id, self.name);
  const others = status.nodes
    .map((node) => viewNode(node, names))
    .sort((a, b) => a.name.localeCompare(b.name));
  const nodes = [self, ...others];
  const happened = before === undefined ? [] : changes(before.nodes, nodes, nowMs);
  return {
    nodes,
    warnings: status.warnings.map(oneLine),
    events: [...(before?.events ?? []), ...happened].slice(-MAX_EVENTS),
  };
}

export function isReachable(node: NodeView): boolean {
  return node.reach !== "unreachable";
}

export function nodeName(mesh: MeshView | undefined, id: NodeId): string {
  return mesh?.nodes.find((node) => node.id === id)?.name ?? formatNodeId(id).slice(0, 9);
}

function viewSelf(status: MeshStatus): NodeView {
  return {
    id: nodeIdFromBytes(status.id),
    name: oneLine(status.name),
    reach: "here",
    via: "",
    hops: 0,
    rttMs: 0,
    version: oneLine(status.softwareVersion),
    labels: status.labels.map(oneLine),
    agents: status.agents.map(viewAgent),
    models: status.models.map(({ id }) => oneLine(id)),
    tools: status.tools.map(({ id }) => oneLine(id)),
    relays: false,
    links: status.nodes.filter(({ reach }) => reach === NodeReach.DIRECT).map(({ name }) => oneLine(name)),
    why: "",
    changedAtMs: 0,
  };
}

function viewNode(node: NodeStatus, names: ReadonlyMap<NodeId, string>): NodeView {
  const reach = reachOf(node.reach);
  return {
    id: nodeIdFromBytes(node.id),
    name: oneLine(node.name),
    reach,
    via: reach === "relayed" ? oneLine(node.viaName) : "",
    hops: node.hops,
    rttMs: node.rttMs,
    version: oneLine(node.softwareVersion),
    labels: node.labels.map(oneLine),
    agents: node.agents.map(viewAgent),
    models: node.models.map(({ id }) => oneLine(id)),
    tools: node.tools.map(({ id }) => oneLine(id)),
    relays: node.relays,
    links: node.links.map(({ peer }) => {
      const id = nodeIdFromBytes(peer);
      return names.get(id) ?? formatNodeId(id).slice(0, 9);
    }),
    why: oneLine(node.why),
    changedAtMs: Number(node.changedAtUnixMs),
  };
}

function viewAgent({ id, description, state }: AgentOffer): AgentView {
  const named = state === AgentState.BUSY ? "busy" : state === AgentState.FAILED ? "failed" : "ready";
  return { id: oneLine(id), description: oneLine(description), state: named };
}

function reachOf(reach: number): Reach {
  if (reach === NodeReach.DIRECT) return "direct";
  return reach === NodeReach.RELAYED ? "relayed" : "unreachable";
}

function changes(before: readonly NodeView[], after: readonly NodeView[], atMs: number): NodeEvent[] {
  const known = new Map(before.map((node) => [node.id, node]));
  return after.flatMap((node) => {
    const what = changeOf(known.get(node.id), node);
    return what === undefined ? [] : [{ atMs, name: node.name, what }];
  });
}

function changeOf(before: NodeView | undefined, after: NodeView): string | undefined {
  if (before === undefined) return "is new in the mesh";
  if (before.reach === after.reach && before.via === after.via) return undefined;
  if (after.reach === "unreachable") return after.why === "" ? "went away" : `went away: ${after.why}`;
  const how = after.reach === "direct" ? "directly" : `via ${after.via}`;
  return before.reach === "unreachable" ? `is back, ${how}` : `is now reached ${how}`;
}
