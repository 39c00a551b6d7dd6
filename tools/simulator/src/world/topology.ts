import type { Random } from "@clawmatrix/environment";

/**
 * - `line`, `ring`, `star` (around node 0);
 * - `hub`: two relays that know each other, every other node dials one or both of them;
 * - `clusters`: groups of five that are all linked, each joined to the next one by one link;
 * - `random`: each node dials one to three that were there before it.
 */
export const TOPOLOGIES = ["line", "ring", "star", "hub", "clusters", "random"] as const;
export type Topology = (typeof TOPOLOGIES)[number];

const CLUSTER_NODES = 5;
const MOST_RANDOM_DIALS = 3;

/** Who dials whom among `nodes` nodes, as pairs of their numbers. Every node can reach every other one. */
export function linksOf(topology: Topology, nodes: number, random: Random): [number, number][] {
  const others = Array.from({ length: nodes - 1 }, (_, i) => i + 1);
  switch (topology) {
    case "line":
      return others.map((node) => [node, node - 1]);
    case "ring":
      return [
        ...others.map((node): [number, number] => [node, node - 1]),
        ...(nodes > 2 ? [[0, nodes - 1] as [number, number]] : []),
      ];
    case "star":
      return others.map((node) => [node, 0]);
    case "hub":
      return others.flatMap((node) => hubLinks(node, random));
    case "clusters":
      return others.flatMap(clusterLinks);
    case "random":
      return others.flatMap((node) => randomLinks(node, random));
  }
}

function hubLinks(node: number, random: Random): [number, number][] {
  if (node === 1) return [[1, 0]];
  const choice = random.fraction();
  if (choice < 0.5)
    return [
      [node, 0],
      [node, 1],
    ];
  return [[node, choice < 0.75 ? 0 : 1]];
}

function clusterLinks(node: number): [number, number][] {
  const first = node - (node % CLUSTER_NODES);
  if (node === first) return [[node, node - CLUSTER_NODES]];
  return Array.from({ length: node - first }, (_, i) => [node, first + i]);
}

function randomLinks(node: number, random: Random): [number, number][] {
  const dials = Math.min(node, 1 + Math.floor(random.fraction() * MOST_RANDOM_DIALS));
  const chosen = new Set<number>();
  while (chosen.size < dials) chosen.add(Math.floor(random.fraction() * node));
  return Array.from(chosen, (other) => [node, other]);
}
