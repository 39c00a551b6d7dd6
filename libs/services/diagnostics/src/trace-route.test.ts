import { VirtualClock } from "@clawmatrix/environment";
import { type NodeId, nodeIdFromBytes, nodeIdToBytes } from "@clawmatrix/identity";
import {
  PingResponse,
  StatusCode,
  StatusError,
  type TraceHopInit,
  TraceResponse,
} from "@clawmatrix/protocol";
import { describe, expect, it } from "vitest";
import { MAX_TRACE_HOPS, traceRoute } from "./trace-route.ts";

const idOf = (name: string): NodeId => nodeIdFromBytes(Buffer.alloc(16, name));

/** Nodes with views of their own: where each sends a packet for "far" next. A name with "!" is silent. */
function traceOver(views: Readonly<Record<string, string | undefined>>, destination = "far") {
  const clock = new VirtualClock();
  const names = new Map(["me", "far", ...Object.keys(views)].map((name) => [idOf(name), name]));
  const next = (node: NodeId): NodeId | undefined => {
    const name = views[names.get(node) ?? ""];
    return name === undefined ? undefined : idOf(name);
  };
  const answer = async (node: NodeId): Promise<void> => {
    if (names.get(node)?.endsWith("!"))
      throw new StatusError(StatusCode.DEADLINE_EXCEEDED, "no answer in 3 s");
    clock.advance(5);
  };
  return traceRoute({
    clock,
    destination: idOf(destination),
    signal: new AbortController().signal,
    source: {
      self: idOf("me"),
      nextHop: () => next(idOf("me")),
      whyUnreachable: () => "it has no link",
      nameOf: (node) => names.get(node) ?? "",
      clientOf: (node) => ({
        ping: async () => {
          await answer(node);
          return PingResponse.decode(new Uint8Array(0));
        },
        trace: async ({ nextOnly }) => {
          expect(nextOnly).toBe(true);
          await answer(node);
          const found = next(node);
          const hops = found === undefined ? [] : [{ id: nodeIdToBytes(found) }];
          return TraceResponse.decode(TraceResponse.encode({ hops }));
        },
      }),
    },
  });
}

const shown = (hops: TraceHopInit[]): string[] =>
  hops.map(({ name, rttMs, why }) => `${name} ${rttMs === undefined ? "-" : rttMs}${why ? ` (${why})` : ""}`);

describe("a trace", () => {
  it("goes by each node's own view, not by that of the node it begins at", async () => {
    expect(shown(await traceOver({ me: "a", a: "b", b: "far" }))).toEqual(["a 5", "b 5", "far 5"]);
  });

  it("to a neighbour has one hop, to the node itself none", async () => {
    expect(shown(await traceOver({ me: "far" }))).toEqual(["far 5"]);
    expect(await traceOver({}, "me")).toEqual([]);
  });

  it("shows a hop that does not answer, why, and still the destination", async () => {
    expect(shown(await traceOver({ me: "a", a: "b!", "b!": "far" }))).toEqual([
      "a 5",
      "b! - (it does not answer: no answer in 3 s)",
      "far 5",
    ]);
  });

  it("says which hop knows no further", async () => {
    expect(shown(await traceOver({ me: "a", a: undefined }))).toEqual([
      "a 5 (it knows no route to far)",
      "far 5",
    ]);
  });

  it("ends where views that differ lead in a circle", async () => {
    expect(shown(await traceOver({ me: "a", a: "b", b: "a" }))).toEqual([
      "a 5",
      "b 5 (it would send it back to a: the nodes' views differ)",
    ]);
  });

  it("ends after as many hops as a packet takes", async () => {
    const chain = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`n${i}`, `n${i + 1}`]));
    const hops = await traceOver({ me: "n0", ...chain });
    expect(hops).toHaveLength(MAX_TRACE_HOPS);
    expect(hops.at(-1)?.why).toMatch(/16 hops/);
  });

  it("says why there is no route", async () => {
    await expect(traceOver({})).rejects.toMatchObject({
      code: StatusCode.UNAVAILABLE,
      message: "far cannot be reached: it has no link",
    });
  });
});
