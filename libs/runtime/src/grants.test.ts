import type { GrantConfiguration } from "@clawmatrix/config";
import type { Caller } from "@clawmatrix/protocol";
import { describe, expect, it } from "vitest";
import { Grants } from "./grants.ts";

const LAPTOP = "a".repeat(26);
const OTHER = `${"b".repeat(25)}a`;
const caller = (nodeId: string, change: Partial<Caller> = {}): Caller => ({
  nodeId,
  clientId: "",
  local: false,
  member: true,
  ...change,
});
const grants = (...rules: Partial<GrantConfiguration>[]) =>
  new Grants(
    rules.map((rule) => ({ to: [], allow: [], deny: [], ...rule })),
    (nodeId) => ({
      name: nodeId === LAPTOP ? "laptop" : "other",
      isOnly: true,
      trustedLabels: nodeId === LAPTOP ? ["home"] : [],
      ownLabels: nodeId === LAPTOP ? [] : ["home"],
    }),
  );

describe("grants", () => {
  it("let members use agents and models, and nothing else, where no rule says otherwise", () => {
    const none = grants();
    expect(none.allows(caller(OTHER), "agent:codex")).toBe(true);
    expect(none.allows(caller(OTHER), "model:qwen")).toBe(true);
    for (const capability of ["tool:exec", "terminal", "sessions:watch", "sessions:control", "diagnostics"]) {
      expect(none.allows(caller(OTHER), capability)).toBe(false);
    }
  });

  it("let a stranger use nothing, whatever the rules say", () => {
    const all = grants({ to: ["*"], allow: ["*"] });
    expect(all.allows(caller(OTHER, { member: false }), "agent:codex")).toBe(false);
  });

  it("mean a node by its name, its id, a label, or all members", () => {
    for (const subject of [
      "laptop",
      LAPTOP,
      LAPTOP.replace(/(.{4})/g, "$1-").toUpperCase(),
      "label:home",
      "*",
    ]) {
      expect(grants({ to: [subject], allow: ["terminal"] }).allows(caller(LAPTOP), "terminal")).toBe(true);
    }
    expect(
      grants({ to: ["laptop", "label:home"], allow: ["terminal"] }).allows(caller(OTHER), "terminal"),
    ).toBe(false);
  });

  it("allow nothing by a label that a node gives itself, and deny by it all the same", () => {
    const rule = { to: ["label:home"], allow: ["terminal"], deny: ["agent:codex"] };
    expect(grants(rule).allows(caller(OTHER), "terminal")).toBe(false);
    expect(grants(rule).allows(caller(OTHER), "agent:codex")).toBe(false);
  });

  it("allow nothing by a name that two nodes have or had, and deny both", () => {
    const rule = { to: ["laptop"], allow: ["terminal"], deny: ["agent:codex"] };
    const doubtful = new Grants([rule], () => ({
      name: "laptop",
      isOnly: false,
      trustedLabels: [],
      ownLabels: [],
    }));
    expect(doubtful.allows(caller(OTHER), "terminal")).toBe(false);
    expect(doubtful.allows(caller(OTHER), "agent:codex")).toBe(false);
  });

  it("with an empty list allow no tool (the earlier system allowed every one)", () => {
    for (const rules of [[], [{ to: ["*"], allow: [] }], [{ to: [], allow: ["tool:*"] }]]) {
      expect(grants(...rules).allows(caller(LAPTOP), "tool:exec")).toBe(false);
    }
  });

  it("refuse what any rule denies, also what is allowed by default", () => {
    const denied = grants(
      { to: ["*"], allow: ["tool:*"] },
      { to: ["laptop"], deny: ["tool:exec", "agent:codex"] },
    );
    expect(denied.allows(caller(LAPTOP), "tool:exec")).toBe(false);
    expect(denied.allows(caller(LAPTOP), "tool:read_file")).toBe(true);
    expect(denied.allows(caller(LAPTOP), "agent:codex")).toBe(false);
    expect(denied.allows(caller(OTHER), "tool:exec")).toBe(true);
  });
});
