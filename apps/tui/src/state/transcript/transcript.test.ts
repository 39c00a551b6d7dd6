import { SessionEvent, type SessionEventInit } from "@clawmatrix/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeJson } from "./acp-json.ts";
import type { TranscriptItem } from "./items.ts";
import { MAX_ITEMS, Transcript } from "./transcript.ts";

const AT = 1_700_000_000_000n;

function event(seq: number, body: NonNullable<SessionEventInit["body"]>, atUnixMs = AT): SessionEvent {
  return SessionEvent.decode(SessionEvent.encode({ seq, atUnixMs, body }));
}

function update(seq: number, value: object, atUnixMs = AT): SessionEvent {
  return event(seq, { case: "updateJson", value: writeJson(value) }, atUnixMs);
}

function say(seq: number, text: string): SessionEvent {
  return update(seq, { sessionUpdate: "agent_message_chunk", content: { type: "text", text } });
}

function itemsOf(transcript: Transcript): TranscriptItem[] {
  return Array.from(
    { length: transcript.end - transcript.first },
    (_, at) => transcript.item(transcript.first + at)!,
  );
}

const answerOf = (transcript: Transcript) =>
  itemsOf(transcript)
    .map((item) => (item.kind === "answer" ? item.text : ""))
    .join("");

it("ignores an event that it has had", () => {
  const transcript = new Transcript();
  for (const seq of [1, 2, 2, 1, 3]) transcript.apply(say(seq, `${seq}`));
  expect(answerOf(transcript)).toBe("123");
});

it("keeps every character of an answer, however it is cut into chunks and pieces", () => {
  const units = fc.constantFrom("a", "\n", "\n\n", "```\n", "- b\n", "  c");
  fc.assert(
    fc.property(fc.array(fc.string({ unit: units, maxLength: 10 }), { maxLength: 20 }), (chunks) => {
      const transcript = new Transcript();
      for (const [index, chunk] of chunks.entries()) transcript.apply(say(index + 1, chunk));
      const whole = chunks.join("");
      // White space before the first word begins no answer.
      expect(whole.endsWith(answerOf(transcript))).toBe(true);
      expect(answerOf(transcript).trim()).toBe(whole.trim());
    }),
  );
});

it("cuts a long answer into finished pieces, so that only its end is laid out anew", () => {
  const transcript = new Transcript();
  for (let seq = 1; seq <= 1_000; seq++) transcript.apply(say(seq, `paragraph ${seq}\n\n`));
  expect(transcript.end).toBeGreaterThan(900);
  expect(itemsOf(transcript).filter((item) => item.kind === "answer" && item.begins)).toHaveLength(1);
});

it("goes on with a code block that was too long for one piece", () => {
  const transcript = new Transcript();
  transcript.apply(say(1, "```js\n"));
  for (let seq = 2; seq <= 2_000; seq++) transcript.apply(say(seq, `line(${seq});\n`));
  const pieces = itemsOf(transcript);
  expect(pieces.length).toBeGreaterThan(1);
  for (const piece of pieces) expect(piece).toMatchObject({ text: expect.stringMatching(/^```js\n/) });
});

it("shows all four states of a tool call, and how long it took", () => {
  const transcript = new Transcript();
  transcript.apply(update(1, { sessionUpdate: "tool_call", toolCallId: "a", title: "run x" }));
  expect(transcript.item(0)).toMatchObject({ call: { status: "pending" } });
  for (const [index, status] of (["in_progress", "completed"] as const).entries()) {
    transcript.apply(
      update(index + 2, { sessionUpdate: "tool_call_update", toolCallId: "a", status }, AT + 1_500n),
    );
    expect(transcript.item(0)).toMatchObject({ call: { status, title: "run x" } });
  }
  expect(transcript.item(0)).toMatchObject({
    call: { startedAtMs: Number(AT), endedAtMs: Number(AT) + 1_500 },
  });
  transcript.apply(
    update(4, {
      sessionUpdate: "tool_call",
      toolCallId: "b",
      title: "run y",
      status: "failed",
      rawOutput: { error: "no" },
    }),
  );
  expect(transcript.item(1)).toMatchObject({ call: { status: "failed", output: "no" } });
});

it("keeps unknown updates and rubbish from doing harm", () => {
  const transcript = new Transcript();
  const rubbish = fc.oneof(
    fc.jsonValue(),
    fc.record({
      sessionUpdate: fc.constantFrom("plan", "tool_call", "agent_message_chunk", "usage_update", "new_kind"),
      entries: fc.jsonValue(),
      content: fc.jsonValue(),
      toolCallId: fc.jsonValue(),
      status: fc.jsonValue(),
      title: fc.jsonValue(),
    }),
  );
  let seq = 0;
  fc.assert(
    fc.property(rubbish, (value) =>
      transcript.apply(event(++seq, { case: "updateJson", value: writeJson(value) })),
    ),
  );
  fc.assert(
    fc.property(fc.uint8Array(), (value) => transcript.apply(event(++seq, { case: "updateJson", value }))),
  );
  expect(transcript.lastSeq).toBe(seq);
});

describe("what waits for the person", () => {
  const options = [{ optionId: "y", kind: "allow_once", name: "Allow once" }];
  const asked = (seq: number, id: string) =>
    event(seq, {
      case: "permissionAsked",
      value: { id, requestJson: writeJson({ toolCall: { title: "run x" }, options }) },
    });

  it("is answered by whoever was first, and says who", () => {
    const transcript = new Transcript();
    transcript.apply(asked(1, "p"));
    expect(transcript.waiting).toMatchObject([{ id: "p", title: "run x" }]);
    const outcomeJson = writeJson({ outcome: { outcome: "selected", optionId: "y" } });
    transcript.apply(
      event(2, { case: "answered", value: { id: "p", outcomeJson, how: "person", by: { name: "office" } } }),
    );
    expect(transcript.waiting).toEqual([]);
    expect(itemsOf(transcript)).toMatchObject([{ kind: "asked", answer: "Allow once (office)" }]);
  });

  it("waits no longer once the turn has ended", () => {
    const transcript = new Transcript();
    transcript.apply(asked(1, "p"));
    transcript.apply(event(2, { case: "turnEnded", value: { turnId: "t", stopReason: "cancelled" } }));
    expect(transcript.waiting).toEqual([]);
  });

  it("shows a tool call that is only told of by asking for it", () => {
    const transcript = new Transcript();
    const requestJson = writeJson({ toolCall: { toolCallId: "7", title: "write a.txt" }, options });
    transcript.apply(event(1, { case: "permissionAsked", value: { id: "p", requestJson } }));
    expect(itemsOf(transcript)).toMatchObject([
      { kind: "tool", call: { id: "7", title: "write a.txt" } },
      { kind: "asked" },
    ]);
  });
});

it("shows a replayed prompt, but not the one that a turn shows already", () => {
  const transcript = new Transcript();
  const chunk = { sessionUpdate: "user_message_chunk", content: { type: "text", text: "hello" } };
  transcript.apply(update(1, chunk));
  transcript.apply(
    event(2, {
      case: "turnStarted",
      value: { turnId: "t", promptJson: writeJson([{ type: "text", text: "again" }]) },
    }),
  );
  transcript.apply(update(3, { ...chunk, content: { type: "text", text: "again" } }));
  expect(itemsOf(transcript)).toMatchObject([
    { kind: "prompt", text: "hello" },
    { kind: "prompt", text: "again" },
  ]);
});

it("says that the beginning is gone, and goes on from there", () => {
  const transcript = new Transcript();
  transcript.beginsAt(101);
  transcript.apply(say(100, "lost"));
  transcript.apply(say(101, "kept"));
  expect(itemsOf(transcript)).toMatchObject([
    { kind: "note", text: expect.stringContaining("100 events") },
    { text: "kept" },
  ]);
});

it("forgets its oldest items at the bound, and keeps the numbers of the others", () => {
  const transcript = new Transcript();
  const many = MAX_ITEMS + 10;
  for (let seq = 1; seq <= many; seq++) {
    transcript.apply(event(seq, { case: "reopened", value: 1 }));
    if (seq === many - 1) transcript.apply(update(seq, {}));
  }
  expect(transcript.end).toBe(many);
  expect(transcript.end - transcript.first).toBeLessThanOrEqual(MAX_ITEMS);
  expect(transcript.item(transcript.first - 1)).toBeUndefined();
  expect(transcript.item(transcript.end - 1)).toMatchObject({ kind: "note" });
});
