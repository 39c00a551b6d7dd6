import type { StatusSource } from "@clawmatrix/diagnostics";
import { type NodeId, nodeIdToBytes } from "@clawmatrix/identity";
import type { NodeView } from "@clawmatrix/mesh";
import {
  type AgentOfferInit,
  MemberState,
  type MeshStatusInit,
  NodeReach,
  type NodeStatusInit,
} from "@clawmatrix/protocol";
import type { MeshStack } from "./mesh-stack.ts";

export interface MeshOverviewOptions {
  readonly stack: MeshStack;
  readonly name: () => string;
  readonly softwareVersion: string;
  /** Milliseconds since the node was started. */
  readonly uptimeMs: () => number;
  readonly agents: () => readonly AgentOfferInit[];
  readonly labels: () => readonly string[];
  readonly sessions: () => number;
  readonly pendingMembers: () => number;
  /** What a person should know. */
  readonly warnings: () => readonly string[];
  readonly addresses: () => readonly string[];
}

const REACH: Readonly<Record<NodeView["reach"], NodeReach>> = {
  self: NodeReach.DIRECT,
  direct: NodeReach.DIRECT,
  relayed: NodeReach.RELAYED,
  unreachable: NodeReach.UNREACHABLE,
};

/** What this node knows of itself and of the mesh, put together for those who ask. */
export class MeshOverview implements StatusSource {
  readonly #options: MeshOverviewOptions;
  readonly #listeners = new Set<() => void>();

  constructor(options: MeshOverviewOptions) {
    this.#options = options;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Something that `status` says may have changed. */
  notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  status(): MeshStatusInit {
    const { stack, softwareVersion } = this.#options;
    const self = stack.node.nodeId;
    const views = stack.node.nodes().filter(({ id }) => id !== self);
    const names = new Map(views.map(({ id, record }) => [id, record.name]));
    const shared = sharedNames([this.#options.name(), ...names.values()]);
    return {
      id: nodeIdToBytes(self),
      name: this.#options.name(),
      softwareVersion,
      uptimeMs: BigInt(Math.round(this.#options.uptimeMs())),
      founder: stack.membership.isFounder(self),
      nodes: views
        .map((view) => nodeStatus(view, names, shared))
        .sort((a, b) => (a.name ?? "").localeCompare(b.name ?? "")),
      sessions: this.#options.sessions(),
      pendingMembers: this.#options.pendingMembers(),
      agents: [...this.#options.agents()],
      labels: [...this.#options.labels()],
      warnings: [...this.#options.warnings(), ...nameConflicts(shared)],
      membership: stack.membership.isMember(self)
        ? MemberState.ADMITTED
        : stack.membership.isRevoked(self)
          ? MemberState.REVOKED
          : MemberState.PENDING,
      addresses: [...this.#options.addresses()],
    };
  }
}

function nodeStatus(
  { id, record, reach, via, hops, rttMs, why }: NodeView,
  names: ReadonlyMap<NodeId, string>,
  shared: ReadonlyMap<string, number>,
): NodeStatusInit {
  return {
    id: nodeIdToBytes(id),
    name: record.name,
    reach: REACH[reach],
    ...(via === undefined ? {} : { via: nodeIdToBytes(via), viaName: names.get(via) ?? "" }),
    hops,
    rttMs: rttMs ?? 0,
    softwareVersion: record.softwareVersion,
    labels: record.labels,
    agents: record.agents,
    models: record.models,
    tools: record.tools,
    terminal: record.terminal,
    relays: record.relays,
    why,
    changedAtUnixMs: record.changedAtUnixMs,
    links: record.links,
    waiting: reach === "unreachable" ? [] : record.waiting,
    nameConflict: shared.has(record.name),
  };
}

/** The names that more than one node has, and how many have it. */
function sharedNames(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map([...counts].filter(([, count]) => count > 1));
}

/** Two nodes of one name are never mixed up: people are told, and use the ids (P1). */
function nameConflicts(shared: ReadonlyMap<string, number>): string[] {
  return Array.from(
    shared,
    ([name, count]) => `${count} nodes have the name ${name}; tell them apart by their ids`,
  );
}
