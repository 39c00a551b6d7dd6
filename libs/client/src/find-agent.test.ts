import { type AgentOfferInit, NodeReach } from "@clawmatrix/protocol";
import { describe, expect, it } from "vitest";
import { findAgent } from "./find-agent.ts";
import { idLike, other, statusOf } from "./test-status.ts";

const coder: AgentOfferInit = { id: "coder" };
const [near, far, away] = [idLike("near"), idLike("farf"), idLike("away")];

describe("an agent that a person names", () => {
  it("is the one here before any other", () => {
    const status = statusOf([other("near", near, { agents: [coder] })], { agents: [coder] });
    expect(findAgent(status, "coder").node.name).toBe("here");
    expect(findAgent(status, "coder@near").node.id).toBe(near);
  });

  it("is the one over the fewest hops, then the quickest, of those that can be reached", () => {
    const slow = other("slow", near, { agents: [coder], hops: 1, rttMs: 90 });
    const quick = other("quick", idLike("quic"), { agents: [coder], hops: 1, rttMs: 5 });
    const distant = other("distant", far, { agents: [coder], hops: 3, rttMs: 1, reach: NodeReach.RELAYED });
    const gone = other("gone", away, { agents: [coder], reach: NodeReach.UNREACHABLE });
    expect(findAgent(statusOf([gone, distant, slow, quick]), "coder").node.name).toBe("quick");
    expect(findAgent(statusOf([gone, distant]), "coder").node.name).toBe("distant");
  });

  it("on a node that is away is an error that says why", () => {
    const status = statusOf([
      other("away", away, { agents: [coder], reach: NodeReach.UNREACHABLE, why: "its link broke" }),
    ]);
    for (const text of ["coder", "coder@away"]) {
      expect(() => findAgent(status, text)).toThrow(
        expect.objectContaining({
          reason: "unreachable",
          message: "node away cannot be reached: its link broke",
        }),
      );
    }
  });

  it("that is not there is an error that says which are", () => {
    const status = statusOf([other("near", near, { agents: [coder] })]);
    expect(() => findAgent(status, "nobody")).toThrow(
      expect.objectContaining({ reason: "unknown-agent", hint: "Known: coder@near." }),
    );
    expect(() => findAgent(status, "nobody@near")).toThrow(
      expect.objectContaining({ reason: "unknown-agent", hint: "It offers: coder." }),
    );
    expect(() => findAgent(statusOf([]), "nobody")).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("clawmatrix agents add") }),
    );
  });

  it("must have an id", () => {
    expect(() => findAgent(statusOf([]), "@near")).toThrow(
      expect.objectContaining({ reason: "wrong-usage" }),
    );
  });
});
