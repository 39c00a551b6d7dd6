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
      name: nodeId === LAPTOP ? "laptop" : undefined,
      labels: nodeId === LAPTOP ? ["home"] : [],
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
