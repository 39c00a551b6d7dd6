import { SessionEvent, type SessionEventInit } from "@clawmatrix/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recordedOutput } from "../testing-output.ts";
import { TurnPrinter } from "./turn-printer.ts";

function printed(...bodies: NonNullable<SessionEventInit["body"]>[]) {
  const { output, stdout, stderr } = recordedOutput();
  const printer = new TurnPrinter(output);
  for (const body of bodies) printer.print(SessionEvent.decode(SessionEvent.encode({ seq: 1, body })));
  return { stdout: stdout(), stderr: stderr() };
}
const update = (value: unknown) =>
  ({ case: "updateJson", value: new TextEncoder().encode(JSON.stringify(value)) }) as const;
const words = (text: string) =>
  update({ sessionUpdate: "agent_message_chunk", content: { type: "text", text } });
const end = { case: "turnEnded", value: { stopReason: "end_turn" } } as const;

describe("a turn for people", () => {
  it("puts the agent's words, and nothing else, on standard output", () => {
    const { stdout, stderr } = printed(
      words("Hello "),
      update({ sessionUpdate: "agent_thought_chunk", content: { type: "text", text: "hm\nmore" } }),
      words("there"),
      end,
    );
    expect(stdout).toBe("Hello \nthere\n");
    expect(stderr).toBe("hm\n");
  });

  it("shows a tool call from its beginning to its end, its output cut", () => {
    const output = Array.from({ length: 20 }, (_, index) => `line ${index}`).join("\n");
    const { stderr } = printed(
      update({ sessionUpdate: "tool_call", toolCallId: "1", title: "run tests", status: "pending" }),
      update({
        sessionUpdate: "tool_call_update",
        toolCallId: "1",
        status: "failed",
        content: [{ type: "content", content: { type: "text", text: output } }],
      }),
    );
    expect(stderr).toContain("● run tests\n  │ line 0\n");
    expect(stderr).toContain("  │ line 11\n  │ … 8 lines more\n✗ run tests\n");
    expect(stderr).not.toContain("line 12");
  });

  it("shows plans, and who has answered", () => {
    const { stderr } = printed(
      update({
        sessionUpdate: "plan",
        entries: [
          { content: "look", status: "completed" },
          { content: "mend", status: "in_progress" },
          { content: "check", status: "pending" },
        ],
      }),
      { case: "answered", value: { how: "person", by: { name: "laptop" } } },
      { case: "answered", value: { how: "policy" } },
      { case: "answered", value: { how: "rule", by: { name: "rule 1 (deny edit)" } } },
    );
    expect(stderr).toBe(
      "☑ look\n▶ mend\n☐ check\n  answered by laptop\n  answered by policy\n  answered by rule 1 (deny edit)\n",
    );
  });

  it("takes whatever agents send", () => {
    const kinds = [
      "agent_message_chunk",
      "agent_thought_chunk",
      "tool_call",
      "tool_call_update",
      "plan",
      "newer",
    ];
    const member = fc.oneof(
      fc.jsonValue(),
      fc.array(fc.record({ type: fc.constant("diff"), content: fc.jsonValue() })),
    );
    const shape = fc.record({
      sessionUpdate: fc.constantFrom(...kinds),
      content: member,
      title: member,
      status: fc.constantFrom("completed", "failed", 7),
      toolCallId: member,
      entries: member,
    });
    fc.assert(fc.property(fc.oneof(shape, fc.jsonValue()), (value) => void printed(update(value), end)));
  });
});
