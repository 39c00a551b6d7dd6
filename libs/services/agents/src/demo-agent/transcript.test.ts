import type { SessionUpdate } from "@agentclientprotocol/sdk";
import { describe, expect, it } from "vitest";
import { MAX_TRANSCRIPT_CHARACTERS, Transcript } from "./transcript.ts";

const said = (text: string, messageId = "m"): SessionUpdate => ({
  sessionUpdate: "agent_message_chunk",
  messageId,
  content: { type: "text", text },
});

describe("a transcript", () => {
  it("joins the pieces of one message, and keeps messages apart", () => {
    const transcript = new Transcript([said("a"), said("b"), said("c", "other")]);
    expect(transcript.updates).toEqual([said("ab"), said("c", "other")]);
  });

  it("keeps a tool call with its last state, and the last plan of a turn", () => {
    const transcript = new Transcript([
      { sessionUpdate: "tool_call", toolCallId: "1", title: "t", status: "pending" },
      { sessionUpdate: "plan", entries: [] },
      { sessionUpdate: "tool_call_update", toolCallId: "1", status: "completed" },
      { sessionUpdate: "plan", entries: [{ content: "x", priority: "low", status: "completed" }] },
      { sessionUpdate: "usage_update", used: 1, size: 2 },
    ]);
    expect(transcript.updates).toEqual([
      { sessionUpdate: "tool_call", toolCallId: "1", title: "t", status: "completed" },
      { sessionUpdate: "plan", entries: [{ content: "x", priority: "low", status: "completed" }] },
    ]);
  });

  it("forgets its beginning at the bound, and says so", () => {
    const transcript = new Transcript();
    for (let n = 0; n < 80; n++) transcript.record(said("x".repeat(20_000), String(n)));
    expect(transcript.cut).toBe(true);
    expect(transcript.characters).toBeLessThanOrEqual(MAX_TRANSCRIPT_CHARACTERS);
    expect(transcript.updates.at(-1)).toMatchObject({ messageId: "79" });
    expect(new Transcript(transcript.updates, true).characters).toBe(transcript.characters);
  });
});
