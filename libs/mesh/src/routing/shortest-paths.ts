import type { NodeId } from "@clawmatrix/identity";

/** A node as routing sees it. */
export interface MapNode {
  /** Whether paths may lead through it. */
  readonly relays: boolean;
  /** What it says its links cost, in µs, by neighbour. */
  readonly links: ReadonlyMap<NodeId, number>;
}

export interface Path {
  /** The neighbour to which the first step leads. */
  readonly next: NodeId;
  /** Links on the way. */
  readonly hops: number;
  /** The sum over the links, in µs. */
  readonly costUs: number;
}

/** One on the heap, or settled. */
interface Candidate extends Path {
  readonly node: NodeId;
}

/** No link costs less, in µs, whatever a record says: each step must lead nearer. */
const LOWEST_COST_US = 1;

/**
 * The cheapest path from `self` to every node that can be reached (Dijkstra). A link counts if both ends report it,
 * at the higher of the two costs; the first link of a path, which `self` has itself, counts also where the neighbour
 * has not reported it yet. Of equally cheap paths the one with fewer links is taken, then the one whose
 * first neighbour has the lower id: nodes that know the same always agree.
 */
export function shortestPaths(self: NodeId, map: ReadonlyMap<NodeId, MapNode>): Map<NodeId, Path> {
  const settled = new Map<NodeId, Path>();
  const heap: Candidate[] = [];
  for (const [peer, costUs] of map.get(self)?.links ?? []) {
    const back = map.get(peer)?.links.get(self) ?? 0;
    push(heap, { node: peer, next: peer, hops: 1, costUs: Math.max(LOWEST_COST_US, costUs, back) });
  }
  for (let nearest = pop(heap); nearest !== undefined; nearest = pop(heap)) {
    const { node, next, hops, costUs } = nearest;
    if (node === self || settled.has(node)) continue;
    settled.set(node, { next, hops, costUs });
    const here = map.get(node);
    if (here === undefined || !here.relays) continue;
    for (const [peer, there] of here.links) {
      if (peer === self || settled.has(peer)) continue;
      const back = map.get(peer)?.links.get(node);
      if (back === undefined) continue;
      push(heap, {
        node: peer,
        next,
        hops: hops + 1,
        costUs: costUs + Math.max(LOWEST_COST_US, there, back),
      });
    }
  }
  return settled;
}

function isBefore(a: Candidate, b: Candidate): boolean {
  if (a.costUs !== b.costUs) return a.costUs < b.costUs;
  if (a.hops !== b.hops) return a.hops < b.hops;
  return a.next < b.next;
}

function push(heap: Candidate[], candidate: Candidate): void {
  let at = heap.push(candidate) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(candidate, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = candidate;
}

function pop(heap: Candidate[]): Candidate | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return first;
}
