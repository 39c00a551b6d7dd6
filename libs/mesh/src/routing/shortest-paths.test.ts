import { seededRandom } from "@clawmatrix/environment";
import { Identity, type NodeId } from "@clawmatrix/identity";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MapNode, MeshMap } from "./mesh-map.ts";
import { type Path, shortestPaths } from "./shortest-paths.ts";

const random = seededRandom(5);
const IDS: readonly NodeId[] = Array.from({ length: 9 }, () => Identity.generate(random).nodeId);

interface Edge {
  readonly from: number;
  readonly to: number;
  readonly costUs: number;
}

const anyNode = fc.integer({ min: 0, max: IDS.length - 1 });
const anyWorld = fc.record({
  edges: fc.array(fc.record({ from: anyNode, to: anyNode, costUs: fc.integer({ min: 1, max: 50 }) }), {
    maxLength: 60,
  }),
  silent: fc.uniqueArray(anyNode, { maxLength: 4 }),
});

function nodesOf(edges: readonly Edge[], silent: readonly number[] = []): Map<NodeId, MapNode> {
  const map = new Map<NodeId, MapNode & { links: Map<NodeId, number> }>();
  for (const [i, id] of IDS.entries()) map.set(id, { relays: !silent.includes(i), links: new Map() });
  for (const { from, to, costUs } of edges) if (from !== to) map.get(IDS[from]!)?.links.set(IDS[to]!, costUs);
  return map;
}

function mapOf(nodes: ReadonlyMap<NodeId, MapNode>): MeshMap {
  const map = new MeshMap();
  for (const [id, node] of nodes) map.set(id, node);
  return map;
}

/** The cost of an edge that may be used; undefined: one end does not report it. The first step needs only ours. */
function edgeCost(
  map: ReadonlyMap<NodeId, MapNode>,
  self: NodeId,
  from: NodeId,
  to: NodeId,
): number | undefined {
  const there = map.get(from)?.links.get(to);
  const back = map.get(to)?.links.get(from);
  if (there === undefined || (back === undefined && from !== self)) return undefined;
  return Math.max(there, back ?? 0);
}

function tableOf(map: MeshMap, self = IDS[0]!): Map<NodeId, Path> {
  return new Map(
    shortestPaths(self, map).map(({ node, next, hops, costUs }) => [node, { node, next, hops, costUs }]),
  );
}

/** Plain search: relax every edge until nothing changes. */
function plainCosts(self: NodeId, map: ReadonlyMap<NodeId, MapNode>): Map<NodeId, number> {
  const costs = new Map([[self, 0]]);
  for (let round = 0; round < IDS.length; round++) {
    for (const from of IDS) {
      const before = costs.get(from);
      if (before === undefined || (from !== self && map.get(from)?.relays !== true)) continue;
      for (const to of IDS) {
        const step = edgeCost(map, self, from, to);
        if (step !== undefined && before + step < (costs.get(to) ?? Infinity)) costs.set(to, before + step);
      }
    }
  }
  costs.delete(self);
  return costs;
}

describe("shortest paths", () => {
  it("cost what a plain search finds", () => {
    fc.assert(
      fc.property(anyWorld, ({ edges, silent }) => {
        const nodes = nodesOf(edges, silent);
        const found = new Map(shortestPaths(IDS[0]!, mapOf(nodes)).map(({ node, costUs }) => [node, costUs]));
        expect(found).toEqual(plainCosts(IDS[0]!, nodes));
      }),
    );
  });

  it("follow from what the map says now, whatever it said before", () => {
    fc.assert(
      fc.property(fc.array(anyWorld, { minLength: 2, maxLength: 4 }), anyNode, (worlds, gone) => {
        const map = new MeshMap();
        for (const { edges, silent } of worlds) {
          const nodes = nodesOf(edges, silent);
          for (const [id, node] of nodes) map.set(id, node);
          map.set(IDS[gone]!, undefined);
          nodes.delete(IDS[gone]!);
          expect(tableOf(map)).toEqual(tableOf(mapOf(nodes)));
          for (const [id, node] of nodes) expect(map.set(id, node)).toBe(false);
          expect(map.size).toBe(IDS.length - 1);
        }
        for (const id of IDS) map.set(id, undefined);
        for (const id of IDS) expect(map.get(id)).toBeUndefined();
      }),
    );
  });

  it("lead every node that knows the same to the destination, without a loop", () => {
    fc.assert(
      fc.property(anyWorld, ({ edges, silent }) => {
        // Links that both ends report: who sees one end only, as for its own links, may know of a way that others do not.
        const both = edges.flatMap((edge) => [edge, { from: edge.to, to: edge.from, costUs: edge.costUs }]);
        const map = mapOf(nodesOf(both, silent));
        const tables = new Map(IDS.map((id) => [id, tableOf(map, id)]));
        for (const destination of tables.get(IDS[0]!)?.keys() ?? []) {
          let at = IDS[0]!;
          for (let hops = 0; at !== destination; hops++) {
            expect(hops).toBeLessThan(IDS.length);
            at = tables.get(at)?.get(destination)?.next as NodeId;
          }
        }
      }),
    );
  });

  it("do not lead through a node that does not relay", () => {
    const both = (from: number, to: number) => [
      { from, to, costUs: 1 },
      { from: to, to: from, costUs: 1 },
    ];
    const map = mapOf(nodesOf([...both(0, 1), ...both(1, 2)], [1]));
    expect(shortestPaths(IDS[0]!, map).map(({ node }) => node)).toEqual([IDS[1]]);
  });
});
