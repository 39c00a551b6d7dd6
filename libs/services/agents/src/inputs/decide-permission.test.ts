import { describe, expect, it } from "vitest";
import { decide } from "./decide-permission.ts";
import { firstRule } from "./first-rule.ts";
import type { PermissionRule, RuleAction } from "./permission-rule.ts";
import { factsOf, type ToolCallFacts } from "./tool-call-facts.ts";
import { ToolCalls } from "./tool-calls.ts";

const rule = (action: RuleAction, more: Partial<PermissionRule> = {}): PermissionRule => ({
  kinds: undefined,
  title: undefined,
  path: undefined,
  action,
  ...more,
});
const first = async (rules: readonly PermissionRule[], call: ToolCallFacts) =>
  (await firstRule(rules, call, { home: "/home/ada", cwd: "/home/ada/src" }))?.number;

describe("what decides", () => {
  const found = (action: RuleAction) => ({ rule: rule(action), number: 1 });
  it.each([
    ["deny", undefined, "deny"],
    ["deny", "allow", "deny"],
    ["deny", "deny", "deny"],
    ["ask", undefined, "ask"],
    ["ask", "allow", "ask"],
    ["ask", "reads", "ask"],
    ["ask", "deny", "deny"],
    ["allow", undefined, "allow"],
    ["allow", "ask", "allow"],
    ["allow", "reads", "allow"],
    ["allow", "deny", "deny"],
  ] as const)(
    "is, of a rule that says %s and a client that says %s: %s",
    (action, clientPolicy, decision) => {
      const decided = decide({ found: found(action), clientPolicy, policy: "deny", kind: "execute" });
      expect(decided.decision).toBe(decision);
      expect(decided.by).toBe(action === decision ? `rule 1 (${action} anything)` : undefined);
    },
  );

  it.each([
    [undefined, "allow", "execute", "allow"],
    ["ask", "allow", "execute", "ask"],
    ["reads", "deny", "read", "allow"],
    ["reads", "allow", "execute", "ask"],
    [undefined, "reads", undefined, "ask"],
  ] as const)(
    "is without a rule the client's word (%s), else the agent's (%s)",
    (clientPolicy, policy, kind, decision) => {
      expect(decide({ found: undefined, clientPolicy, policy, kind })).toEqual({ decision, by: undefined });
    },
  );
});

describe("the first rule that matches", () => {
  it("is found by kind, and what has no kind is other", async () => {
    const rules = [rule("deny", { kinds: ["edit", "delete"] }), rule("ask", { kinds: ["other"] })];
    expect(await first(rules, { kind: "delete" })).toBe(1);
    expect(await first(rules, {})).toBe(2);
    expect(await first(rules, { kind: "of a newer version" })).toBeUndefined();
  });

  it("allows by the command and not by the title, and denies by both", async () => {
    const lies = { title: "git status", command: "rm -rf ~" };
    expect(await first([rule("allow", { title: "git status*" })], lies)).toBeUndefined();
    expect(await first([rule("deny", { title: "git *" })], lies)).toBe(1);
    expect(await first([rule("deny", { title: "rm *" })], lies)).toBe(1);
  });

  it("allows only if all files match, and denies if one does", async () => {
    const call = { locations: ["/home/ada/src/a"], diffs: ["/home/ada/other/b"] };
    expect(await first([rule("allow", { path: "~/src/**" })], call)).toBeUndefined();
    expect(await first([rule("allow", { path: "~/**" })], call)).toBe(1);
    expect(await first([rule("deny", { path: "~/other/**" })], call)).toBe(1);
    expect(await first([rule("allow", { path: "~/**" })], {})).toBeUndefined();
  });

  it("allows nothing that is too long to be looked at, and denies it", async () => {
    const call = factsOf({ kind: "execute", title: `git status ${"x".repeat(10_000)}` });
    expect(call).toEqual({ kind: "execute", tooLong: true });
    expect(await first([rule("allow", { title: "**" })], call)).toBeUndefined();
    expect(await first([rule("allow", { path: "/**" })], call)).toBeUndefined();
    expect(await first([rule("deny", { title: "rm *" })], call)).toBe(1);
    expect(await first([rule("deny", { kinds: ["read"], title: "rm *" })], call)).toBeUndefined();
  });
});

describe("what an agent says of a tool call", () => {
  it.each([
    [{ command: "git status" }, "git status"],
    [{ command: ["bash", "-lc", "git status"] }, "git status"],
    [{ command: ["/bin/sh", "-c", "ls"] }, "ls"],
    [{ command: ["git", "status"] }, "git status"],
    [{ command: ["bash", "-lc", "ls", "x"] }, "bash -lc ls x"],
    [{ command: ["bash", "--rcfile", "x"] }, "bash --rcfile x"],
    [{ command: [1] }, undefined],
    [{}, undefined],
  ])("has in %j the command %j", (rawInput, command) => expect(factsOf({ rawInput }).command).toBe(command));

  it("is put together of its updates and the request, and bounded", () => {
    const calls = new ToolCalls();
    calls.remember({ toolCallId: "t", kind: "edit", title: "`Edit a`", locations: [{ path: "/a" }, {}] });
    calls.remember({ toolCallId: "t", content: [{ type: "diff", path: "/b" }] });
    expect(calls.of({ toolCallId: "t", title: "Edit b" })).toEqual({
      kind: "edit",
      title: "Edit b",
      locations: ["/a"],
      diffs: ["/b"],
    });
    for (let n = 0; n < 1_200; n++) calls.remember({ toolCallId: `t${n}`, title: "x".repeat(4_000) });
    expect(calls.of({ toolCallId: "t" })).toEqual({});
    expect(calls.of({ toolCallId: "t0" })).toEqual({});
    expect(calls.of({ toolCallId: "t1199" }).title).toHaveLength(4_000);
    expect(calls.of("nonsense")).toEqual({});
  });
});
