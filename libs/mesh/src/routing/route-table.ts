import type { Clock, Random, Timer } from "@clawmatrix/environment";
import { type NodeId, nodeIdToBytes } from "@clawmatrix/identity";
import type { Link } from "../link/link.ts";
import type { LinkSet } from "../link/link-set.ts";
import { INITIAL_HOP_LIMIT } from "../packet/limits.ts";
import { NodeMap } from "../packet/node-map.ts";
import { type MapNode, type Path, shortestPaths } from "./shortest-paths.ts";

export interface RouteTableOptions {
  /** This node. */
  readonly nodeId: NodeId;
  readonly clock: Clock;
  readonly random: Random;
  readonly links: LinkSet;
}

/** Where packets to a node go next. */
export interface Route extends Path {
  readonly link: Link;
  /** The destination. */
  readonly nodeId: NodeId;
  readonly idBytes: Uint8Array;
}

/** The least time between two computations, in ms for each node known: 1,000 nodes are computed once a second. */
const PAUSE_MS_PER_NODE = 1;
const LONGEST_PAUSE_MS = 1_000;

/**
 * The next hop to every node, computed anew when the map has changed: at once after a quiet time or when a link of
 * this node comes or goes, else after a pause that grows with the mesh.
 */
export class RouteTable {
  readonly #options: RouteTableOptions;
  readonly #map = new Map<NodeId, MapNode>();
  readonly #listeners = new Set<(node: NodeId) => void>();
  #routes = new Map<NodeId, Route>();
  readonly #byBytes: NodeMap<Route>;
  #timer: Timer | undefined;
  #due = 0;
  #computedAt = Number.NEGATIVE_INFINITY;

  constructor(options: RouteTableOptions) {
    this.#options = options;
    this.#byBytes = new NodeMap(options.random);
  }

  /** The route to a node, if there is one. */
  get(node: NodeId): Route | undefined {
    const route = this.#routes.get(node);
    return route === undefined || route.link.isOver ? undefined : route;
  }

  /** The same by the 16 bytes of a packet's header. */
  find(bytes: Uint8Array, at: number): Route | undefined {
    const route = this.#byBytes.get(bytes, at);
    return route === undefined || route.link.isOver ? undefined : route;
  }

  routes(): Iterable<Route> {
    return this.#routes.values();
  }

  /** Calls back for each node whose next hop has changed, or to which there is a route now, or none any more. */
  onChange(listener: (node: NodeId) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What a node's record says: of this node too. Undefined: there is no record any more. */
  setNode(node: NodeId, description: MapNode | undefined): void {
    const known = this.#map.get(node);
    if (sameNode(known, description)) return;
    if (description === undefined) this.#map.delete(node);
    else this.#map.set(node, description);
    this.#computeWithin(Math.min(LONGEST_PAUSE_MS, this.#map.size * PAUSE_MS_PER_NODE));
  }

  /** A link of this node has come or gone. */
  linksChanged(): void {
    this.#computeWithin(0);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Computes in this turn's end at the earliest, and not sooner than `pauseMs` after the last time. */
  #computeWithin(pauseMs: number): void {
    const { clock } = this.#options;
    const now = clock.monotonic();
    const due = Math.max(now, this.#computedAt + pauseMs);
    if (this.#timer !== undefined && this.#due <= due) return;
    this.#timer?.cancel();
    this.#due = due;
    this.#timer = clock.schedule(due - now, () => {
      this.#timer = undefined;
      this.#compute();
    });
  }

  #compute(): void {
    const { nodeId, clock, links } = this.#options;
    this.#computedAt = clock.monotonic();
    const own = new Map(links.fellows().map((link) => [link.nodeId, link.roundTrip.costUs]));
    const map = new Map(this.#map).set(nodeId, { relays: true, links: own });
    const old = this.#routes;
    this.#routes = new Map();
    this.#byBytes.clear();
    const changed: NodeId[] = [];
    for (const [node, path] of shortestPaths(nodeId, map)) {
      const link = links.get(path.next);
      if (link === undefined || path.hops > INITIAL_HOP_LIMIT) continue;
      const idBytes = nodeIdToBytes(node);
      const route: Route = { ...path, link, nodeId: node, idBytes };
      this.#routes.set(node, route);
      this.#byBytes.set(idBytes, route);
      if (old.get(node)?.link !== link) changed.push(node);
    }
    for (const node of old.keys()) if (!this.#routes.has(node)) changed.push(node);
    for (const node of changed) for (const listener of [...this.#listeners]) listener(node);
  }
}

function sameNode(a: MapNode | undefined, b: MapNode | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.relays !== b.relays || a.links.size !== b.links.size) return false;
  for (const [peer, costUs] of a.links) if (b.links.get(peer) !== costUs) return false;
  return true;
}
