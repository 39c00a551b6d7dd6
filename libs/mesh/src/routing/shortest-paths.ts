import type { NodeId } from "@clawmatrix/identity";
import type { MeshMap, Place } from "./mesh-map.ts";

export interface Path {
  /** Where it leads. */
  readonly node: NodeId;
  /** The neighbour to which the first step leads. */
  readonly next: NodeId;
  /** Links on the way. */
  readonly hops: number;
  /** The sum over the links, in µs. */
  readonly costUs: number;
}

/** One on the heap, or settled. */
interface Candidate extends Path {
  readonly place: Place;
}

/** No link costs less, in µs, whatever a record says: each step must lead nearer. */
const LOWEST_COST_US = 1;

/**
 * The cheapest path from `self` to every node that can be reached (Dijkstra), the nearest first. A link counts if both
 * ends report it, at the higher of the two costs; the first link of a path, which `self` has itself, counts also where
 * the neighbour has not reported it yet. Of equally cheap paths the one with fewer links is taken, then the one whose
 * first neighbour has the lower id: nodes that know the same always agree.
 */
export function shortestPaths(self: NodeId, map: MeshMap): Path[] {
  const settled: Candidate[] = [];
  const here = map.get(self);
  if (here === undefined) return settled;
  const heap: Candidate[] = [];
  // The best so far towards each place: what is no better than that need not be looked at.
  const best = new Map<Place, Candidate>();
  const offer = (candidate: Candidate): void => {
    const { place } = candidate;
    const known = best.get(place);
    if (place === here || (known !== undefined && !isBefore(candidate, known))) return;
    best.set(place, candidate);
    push(heap, candidate);
  };
  for (const { to, costUs, back } of here.ends.values()) {
    const cost = Math.max(LOWEST_COST_US, costUs, back?.costUs ?? 0);
    offer({ place: to, node: to.node, next: to.node, hops: 1, costUs: cost });
  }
  for (let nearest = pop(heap); nearest !== undefined; nearest = pop(heap)) {
    const { place, next, hops, costUs } = nearest;
    // A better one was found after this one had been put on the heap.
    if (best.get(place) !== nearest) continue;
    settled.push(nearest);
    if (!place.relays) continue;
    for (const { to, costUs: there, back } of place.ends.values()) {
      if (back === undefined) continue;
      const cost = costUs + Math.max(LOWEST_COST_US, there, back.costUs);
      offer({ place: to, node: to.node, next, hops: hops + 1, costUs: cost });
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
