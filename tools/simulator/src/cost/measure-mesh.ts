import { type Random, seededRandom } from "@clawmatrix/environment";
import { readRecord } from "@clawmatrix/mesh";
import { SignedRecord } from "@clawmatrix/protocol";
import { linksOf, type Topology } from "../world/topology.ts";
import { CostMesh, type CostNode } from "./cost-mesh.ts";
import { heapBytes } from "./heap-bytes.ts";

export interface MeasureOptions {
  readonly nodes: number;
  readonly topology: Topology;
  readonly seed: number;
  readonly onProgress?: (what: string) => void;
}

/** What a mesh costs. Times are virtual; undefined: did not come to pass. */
export interface MeshCost {
  readonly nodes: number;
  readonly topology: Topology;
  /** Links per node, on average, each counted at both ends. */
  readonly linksPerNode: number;
  /** From the first start until every node knew every other one, and a route to it. */
  readonly allKnowAllMs: number | undefined;
  readonly bytesPerNodeUntilThen: number;
  /** When nothing happens. */
  readonly quietBytesPerNodePerMinute: number;
  /** Until a node's new record is known everywhere. */
  readonly changeKnownMs: number | undefined;
  /** Until packets go around a relay whose process was killed, and around one whose power failed. */
  readonly aroundKilledMs: number | undefined;
  readonly aroundSilentMs: number | undefined;
  /** The latter in heartbeats. */
  readonly aroundSilentHeartbeats: number | undefined;
  readonly memoryBytesPerNode: number;
  /** What it took to simulate all this. */
  readonly realMs: number;
}

/** A node's default. */
const HEARTBEAT_MS = 10_000;
const DELAY_MS = [2, 40] as const;
const MOST_SETTLING_MS = 10 * 60_000;
/** Costs of links are smoothed over some heartbeats before they stand still. */
const CALMING_MS = 60_000;
const QUIET_MS = 3 * 60_000;
const MOST_REROUTING_MS = 5 * 60_000;
const STEP_MS = 100;
/** How often progress is told: in virtual ms, … */
const PROGRESS_MS = 60_000;
/** … and while much happens in little virtual time, in real ms. */
const TELL_MS = 10_000;
const REROUTING_STEP_MS = 20;
/** Pairs of nodes whose routes are followed hop by hop. */
const PAIRS = 200;

/** Measures a mesh of this size, from its first start. */
export async function measureMesh(options: MeasureOptions): Promise<MeshCost> {
  const { nodes, topology, seed, onProgress = () => undefined } = options;
  const began = performance.now();
  const random = seededRandom(seed);
  const links = linksOf(topology, nodes, random);
  const emptyBytes = heapBytes();
  const mesh = new CostMesh({ nodes, links, seed, delayMs: DELAY_MS });
  onProgress("the nodes find each other");
  const allKnowAllMs = await mesh.until(allKnowAll(mesh, onProgress), MOST_SETTLING_MS, STEP_MS);
  onProgress(allKnowAllMs === undefined ? "they did not" : `they did so within ${allKnowAllMs} ms`);
  const bytesPerNodeUntilThen = mesh.wireBytes / nodes;
  onProgress("nothing happens");
  await pass(mesh, CALMING_MS, onProgress);
  const before = mesh.wireBytes;
  await pass(mesh, QUIET_MS, onProgress);
  const quietBytesPerNodePerMinute = (mesh.wireBytes - before) / nodes / (QUIET_MS / 60_000);
  const memoryBytesPerNode = (heapBytes() - emptyBytes) / nodes + recordsBytes(mesh);
  onProgress("one node changes");
  const changeKnownMs = await change(mesh);
  onProgress("relays die");
  const aroundKilledMs = await reroute(mesh, false, random);
  await mesh.pass(CALMING_MS);
  const aroundSilentMs = await reroute(mesh, true, random);
  return {
    nodes,
    topology,
    linksPerNode: (2 * links.length) / nodes,
    allKnowAllMs,
    bytesPerNodeUntilThen,
    quietBytesPerNodePerMinute,
    changeKnownMs,
    aroundKilledMs,
    aroundSilentMs,
    aroundSilentHeartbeats: aroundSilentMs === undefined ? undefined : aroundSilentMs / HEARTBEAT_MS,
    memoryBytesPerNode,
    realMs: performance.now() - began,
  };
}

type Progress = (what: string) => void;

/** Lets time pass, and says so now and then. */
async function pass(mesh: CostMesh, ms: number, onProgress: Progress): Promise<void> {
  for (let left = ms; left > 0; left -= PROGRESS_MS) {
    await mesh.pass(Math.min(left, PROGRESS_MS));
    onProgress(`${Math.round(mesh.time.nowMs / 1_000)} s have passed`);
  }
}

/**
 * Every node has a record of every other one, and a route. Whether it is the latest one is another matter: some node
 * always measures a link anew.
 */
function allKnowAll(mesh: CostMesh, onProgress: Progress): () => boolean {
  const count = mesh.nodes.length;
  const knowsAll = ({ mesh: node }: CostNode): boolean => {
    const known = node.nodes();
    return known.length === count && known.every(({ reach }) => reach !== "unreachable");
  };
  // Who does not know all settles it, and is the first to be asked again.
  let lacking = mesh.nodes[0]!;
  let toldAt = performance.now();
  return () => {
    if (performance.now() - toldAt > TELL_MS) {
      toldAt = performance.now();
      onProgress(`after ${mesh.time.nowMs} ms one of them knows ${lacking.mesh.nodes().length} nodes`);
    }
    if (!knowsAll(lacking)) return false;
    const another = mesh.nodes.find((node) => !knowsAll(node));
    lacking = another ?? lacking;
    return another === undefined;
  };
}

/** What the records of a mesh take in the memory of one node: here all nodes share them. */
function recordsBytes(mesh: CostMesh): number {
  const kept = mesh.nodes[0]!.mesh.nodes().map(({ kept: { bytes } }) => bytes);
  const before = heapBytes();
  const copies = kept.map((bytes) => readRecord(SignedRecord.decode(bytes)).kept);
  const after = heapBytes();
  return copies.length > 0 ? after - before : 0;
}

async function change(mesh: CostMesh): Promise<number | undefined> {
  const changing = mesh.nodes[0]!.mesh;
  const { nodeId } = changing;
  const versionOf = (node: CostNode): bigint | undefined => node.mesh.node(nodeId)?.kept.version;
  const old = versionOf(mesh.nodes[0]!) ?? 0n;
  changing.updateOwn({ labels: ["changed"] });
  return mesh.until(() => mesh.living().every((node) => (versionOf(node) ?? 0n) > old), MOST_SETTLING_MS, 1);
}

/** Ends the relay over which most of some pairs' routes go, of those around which there is a way. */
async function reroute(mesh: CostMesh, silent: boolean, random: Random): Promise<number | undefined> {
  const living = mesh.living();
  const draw = (): CostNode => living[Math.floor(random.fraction() * living.length)]!;
  const pairs = Array.from({ length: PAIRS }, () => [draw(), draw()] as const).filter(([a, b]) => a !== b);
  const counts = new Map<CostNode, number>();
  for (const [from, to] of pairs) {
    for (const relay of routeOf(mesh, from, to)?.slice(1, -1) ?? [])
      counts.set(relay, (counts.get(relay) ?? 0) + 1);
  }
  const [relay] = [...counts].sort(([, a], [, b]) => b - a).find(([node]) => isDispensable(mesh, node)) ?? [];
  if (relay === undefined) return undefined;
  const others = pairs.filter(([from, to]) => from !== relay && to !== relay);
  mesh.crash(relay, silent);
  const arrives = ([from, to]: readonly [CostNode, CostNode]): boolean =>
    routeOf(mesh, from, to) !== undefined;
  // Whichever pair was cut off last is looked at first: one that still is settles it.
  let last = others[0]!;
  const isMended = (): boolean => {
    if (!arrives(last)) return false;
    const cutOff = others.find((pair) => !arrives(pair));
    last = cutOff ?? last;
    return cutOff === undefined;
  };
  return mesh.until(isMended, MOST_REROUTING_MS, REROUTING_STEP_MS);
}

/** The nodes on the way of a packet, both ends included; undefined: it would not arrive. */
function routeOf(mesh: CostMesh, from: CostNode, to: CostNode): CostNode[] | undefined {
  const way = [from];
  for (let at = from; at !== to; ) {
    const via = at.mesh.node(to.mesh.nodeId)?.via;
    const next = via === undefined ? undefined : mesh.byId.get(via);
    if (next === undefined || next.machine.hasCrashed || way.length > mesh.nodes.length) return undefined;
    way.push(next);
    at = next;
  }
  return way;
}

/** Whether the others can do without it. */
function isDispensable(mesh: CostMesh, without: CostNode): boolean {
  const left = mesh.living().filter((node) => node !== without);
  const byId = new Map(left.map((node) => [node.mesh.nodeId, node]));
  const reached = new Set(left.slice(0, 1));
  for (const node of reached) {
    for (const { id } of node.mesh.neighbours()) {
      const other = byId.get(id);
      if (other !== undefined) reached.add(other);
    }
  }
  return reached.size === left.length;
}
