import type { Clock } from "@clawmatrix/environment";
import { type NodeId, nodeIdFromBytes, nodeIdToBytes } from "@clawmatrix/identity";
import {
  type DiagnosticServiceClient,
  StatusCode,
  StatusError,
  type TraceHopInit,
} from "@clawmatrix/protocol";

/** What a trace needs of the node that it begins at. */
export interface RouteSource {
  readonly self: NodeId;
  /** The link that a packet to this node leaves by; undefined: there is no route. Throws StatusError NOT_FOUND for a node that is not known. */
  nextHop(destination: NodeId): NodeId | undefined;
  /** Why there is no route, in a sentence. */
  whyUnreachable(destination: NodeId): string;
  /** For people; empty where it is not known. */
  nameOf(node: NodeId): string;
  clientOf(node: NodeId): Pick<DiagnosticServiceClient, "trace" | "ping">;
}

export interface TraceRouteOptions {
  readonly source: RouteSource;
  readonly destination: NodeId;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** As many hops as a packet takes. */
export const MAX_TRACE_HOPS = 16;
/** How long a hop has for each question, in milliseconds. Two hops that are silent fit into the deadline of a trace. */
const HOP_TIMEOUT_MS = 3_000;
/** The shortest of so many pings counts: the others met something else that the nodes were doing. */
const PINGS = 3;

/**
 * The way of a packet to a node, hop by hop, and the time to each. Every hop is asked for its own next hop, as its view may
 * be another than this node's. A hop that does not answer is listed with the reason, then the destination, and what lies
 * between them stays unknown.
 *
 * Throws StatusError NOT_FOUND, and UNAVAILABLE where there is no route.
 */
export async function traceRoute(options: TraceRouteOptions): Promise<TraceHopInit[]> {
  const { source, destination, signal } = options;
  const { self } = source;
  if (destination === self) return [];
  let hop = source.nextHop(destination);
  if (hop === undefined) throw unreachable(source, destination);
  const hops: TraceHopInit[] = [];
  const passed = new Set<NodeId>([self]);
  for (;;) {
    signal.throwIfAborted();
    const found: HopFound = await askHop(options, hop);
    hops.push(found.hop);
    if (hop === destination) return hops;
    if (found.next === undefined) return [...hops, (await askHop(options, destination)).hop];
    passed.add(hop);
    const why = whyNot(source, found.next, passed, hops.length);
    if (why !== undefined) {
      hops[hops.length - 1] = { ...found.hop, why };
      return hops;
    }
    hop = found.next;
  }
}

interface HopFound {
  readonly hop: TraceHopInit;
  readonly next: NodeId | undefined;
}

async function askHop(
  { source, destination, clock, signal }: TraceRouteOptions,
  node: NodeId,
): Promise<HopFound> {
  const client = source.clientOf(node);
  const call = { timeoutMs: HOP_TIMEOUT_MS, signal };
  const about = { id: nodeIdToBytes(node), name: source.nameOf(node) };
  let next: NodeId | undefined;
  let why = "";
  try {
    if (node !== destination) {
      const answer = await client.trace({ destination: nodeIdToBytes(destination), nextOnly: true }, call);
      next = answer.hops[0] === undefined ? undefined : nodeIdFromBytes(answer.hops[0].id);
      if (next === undefined) why = `it knows no route to ${source.nameOf(destination)}`;
    }
    // The first one may have to open a channel, and is not counted.
    await client.ping({}, call);
    let rttMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < PINGS; i++) {
      const sent = clock.monotonic();
      await client.ping({}, call);
      rttMs = Math.min(rttMs, clock.monotonic() - sent);
    }
    return { hop: { ...about, rttMs, why }, next };
  } catch (thrown) {
    signal.throwIfAborted();
    return { hop: { ...about, why: `it does not answer: ${StatusError.from(thrown).message}` }, next };
  }
}

/** Why the trace ends here: the views of the nodes differ for a moment after each change. */
function whyNot(
  source: RouteSource,
  next: NodeId,
  passed: ReadonlySet<NodeId>,
  hops: number,
): string | undefined {
  if (passed.has(next)) return `it would send it back to ${source.nameOf(next)}: the nodes' views differ`;
  return hops >= MAX_TRACE_HOPS ? `a packet goes no further than ${MAX_TRACE_HOPS} hops` : undefined;
}

function unreachable(source: RouteSource, destination: NodeId): StatusError {
  const why = source.whyUnreachable(destination);
  return new StatusError(
    StatusCode.UNAVAILABLE,
    `${source.nameOf(destination)} cannot be reached${why === "" ? "" : `: ${why}`}`,
    { reason: "unreachable", hint: "`clawmatrix nodes` shows which nodes can", retryable: true },
  );
}
