import type { Clock, Random, Timer } from "@clawmatrix/environment";
import { type NodeId, nodeIdToBytes } from "@clawmatrix/identity";
import type { Link } from "../link/link.ts";
import type { LinkSet } from "../link/link-set.ts";
import { INITIAL_HOP_LIMIT } from "../packet/limits.ts";
import { NodeMap } from "../packet/node-map.ts";
import { type MapNode, MeshMap } from "./mesh-map.ts";
import { type Path, shortestPaths } from "./shortest-paths.ts";

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
  readonly idBytes: Uint8Array;
}

/** The least time between two computations, in ms for each node known: 1,000 nodes, 1 ms, four times a second. */
const PAUSE_MS_PER_NODE = 0.25;
const LONGEST_PAUSE_MS = 250;

/**
 * The next hop to every node, computed anew when the map has changed: at once after a quiet time or when a link of
 * this node comes or goes, else after a pause that grows with the mesh.
 */
export class RouteTable {
  readonly #options: RouteTableOptions;
  readonly #map = new MeshMap();
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
    // What this node itself says is the state of its links, of which its record is a copy.
    const changed = node === this.#options.nodeId ? this.#setSelf() : this.#map.set(node, description);
    if (changed) this.#computeWithin(Math.min(LONGEST_PAUSE_MS, this.#map.size * PAUSE_MS_PER_NODE));
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
    this.#setSelf();
    const old = this.#routes;
    this.#routes = new Map();
    const changed: NodeId[] = [];
    for (const path of shortestPaths(nodeId, this.#map)) {
      const { node, next, hops } = path;
      const link = links.get(next);
      if (link === undefined || hops > INITIAL_HOP_LIMIT) continue;
      const known = old.get(node);
      const isSame = known?.link === link && known.costUs === path.costUs && known.hops === hops;
      const route = isSame ? known : routeOf(path, link, known?.idBytes ?? nodeIdToBytes(node));
      this.#routes.set(node, route);
      if (!isSame) this.#byBytes.set(route.idBytes, route);
      if (known?.link !== link) changed.push(node);
    }
    const gone = [...old.values()].filter(({ node }) => !this.#routes.has(node));
    if (gone.length > 0) this.#findOnly(this.#routes.values());
    for (const { node } of gone) changed.push(node);
    for (const node of changed) for (const listener of [...this.#listeners]) listener(node);
  }

  #setSelf(): boolean {
    const { nodeId, links } = this.#options;
    const own = new Map(links.fellows().map((link) => [link.nodeId, link.roundTrip.costUs]));
    return this.#map.set(nodeId, { relays: true, links: own });
  }

  #findOnly(routes: Iterable<Route>): void {
    this.#byBytes.clear();
    for (const route of routes) this.#byBytes.set(route.idBytes, route);
  }
}

function routeOf({ node, next, hops, costUs }: Path, link: Link, idBytes: Uint8Array): Route {
  return { node, next, hops, costUs, link, idBytes };
}
