import type { InboxItem } from "@clawmatrix/client";
import { PendingMember, WaitingInput } from "@clawmatrix/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseOption, permissionAnswer, questionAnswer } from "./inbox-answer.ts";
import { inboxEntry } from "./inbox-entry.ts";

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const input = (request: unknown, question = false): WaitingInput =>
  WaitingInput.decode(
    WaitingInput.encode({
      id: "id1",
      sessionId: "s1",
      agentId: "coder",
      question,
      requestJson: encode(request),
    }),
  );
const node = { id: "a", name: "server", status: undefined } as unknown as InboxItem["node"];
const common = { id: "id1", node, since: 0 };
const question = (properties: unknown): WaitingInput =>
  input({ message: "Which one?\nThink.", requestedSchema: { type: "object", properties } }, true);
const options = [
  { id: "yes-1", name: "Allow", kind: "allow_once" },
  { id: "yes-2", name: "Always", kind: "allow_always" },
  { id: "no", name: "Reject", kind: "reject_once" },
];

describe("what waits for a person", () => {
  it("has the whole command and diff of a permission in view", () => {
    const toolCall = {
      title: "edit a.txt",
      rawInput: { command: ["sed", "-i", "s/a/b/", "a.txt"] },
      content: [{ type: "diff", path: "a.txt", oldText: "a\n", newText: "b\n" }],
    };
    const request = {
      toolCall,
      options: options.map(({ id: optionId, name, kind }) => ({ optionId, name, kind })),
    };
    expect(inboxEntry({ ...common, kind: "permission", input: input(request) })).toEqual({
      id: "id1",
      kind: "permission",
      node: "server",
      session: "s1",
      agent: "coder",
      title: "edit a.txt",
      text: "edit a.txt\nsed -i s/a/b/ a.txt\na.txt\n-a\n+b",
      options,
      since: "1970-01-01T00:00:00.000Z",
    });
  });

  it("has the answers of a question where they are given", () => {
    const entry = (properties: unknown) =>
      inboxEntry({ ...common, kind: "question", input: question(properties) });
    expect(entry({ pick: { type: "string", enum: ["a", "b"] } })).toMatchObject({
      title: "Which one?",
      text: "Which one?\nThink.",
      options: [
        { id: "a", name: "a" },
        { id: "b", name: "b" },
      ],
    });
    expect(entry({ sure: { type: "boolean" } }).options.map(({ name }) => name)).toEqual(["yes", "no"]);
    expect(entry({ text: { type: "string" } }).options).toEqual([]);
    expect(entry({ a: { title: "First" }, b: {} }).text).toContain("a: First");
  });

  it("says who wants in, from where, and why it could not come in by itself", () => {
    const pending = PendingMember.decode(
      PendingMember.encode({ name: "guest", address: "10.0.0.7", reason: "expired" }),
    );
    expect(inboxEntry({ ...common, kind: "admission", pending })).toMatchObject({
      title: "guest wants to be let into the mesh",
      text: expect.stringContaining("connected from 10.0.0.7\nits invitation did not do: expired"),
      options: [{ id: "approve" }, { id: "deny" }],
    });
  });

  it("survives requests that are not what they should be", () => {
    const member = fc.oneof(fc.jsonValue(), fc.array(fc.dictionary(fc.string(), fc.jsonValue())));
    const request = fc.oneof(
      fc.jsonValue(),
      fc.record({
        toolCall: fc.record({ title: member, content: member, rawInput: member }),
        options: member,
      }),
      fc.record({ message: member, requestedSchema: fc.record({ properties: member }) }),
    );
    fc.assert(
      fc.property(request, (value) => {
        for (const kind of ["permission", "question"] as const) {
          const entry = inboxEntry({ ...common, kind, input: input(value) });
          expect(typeof entry.title + typeof entry.text).toBe("stringstring");
        }
      }),
    );
  });
});

describe("an answer", () => {
  it("is an option by its id, its kind, its name or its number", () => {
    for (const choice of ["yes-1", "allow_once", "Allow", "1"]) {
      expect(permissionAnswer("id1", options, choice)).toEqual({
        id: "id1",
        answer: { case: "optionId", value: "yes-1" },
      });
    }
    for (const choice of ["0", "4", "allow", ""]) {
      expect(() => chooseOption(options, choice)).toThrow(
        expect.objectContaining({
          reason: "wrong-usage",
          hint: expect.stringContaining("1 yes-1 (Allow), 2 yes-2"),
        }),
      );
    }
  });

  it("is never one of two options of one kind by that kind", () => {
    const two = options.map((option) => ({ ...option, kind: "allow_once" }));
    expect(() => chooseOption(two, "allow_once")).toThrow("none of the choices");
  });

  it("to a question is the value that its field wants", () => {
    const content = (properties: unknown, text: string): unknown => {
      const { answer } = questionAnswer(question(properties), text);
      const response = JSON.parse(new TextDecoder().decode((answer as { value: Uint8Array }).value));
      expect(response.action).toBe("accept");
      return response.content;
    };
    expect(content({ a: { type: "string" } }, "any text")).toEqual({ a: "any text" });
    expect(content({ a: { type: "integer" } }, "12")).toEqual({ a: 12 });
    expect(content({ a: { type: "boolean" } }, "no")).toEqual({ a: false });
    expect(content({ a: { oneOf: [{ const: "x", title: "The X" }] } }, "1")).toEqual({ a: "x" });
    expect(content({ a: {}, b: {} }, '{"a":1,"b":[2]}')).toEqual({ a: 1, b: [2] });
    expect(content({}, "whatever")).toEqual({});
    expect(() => content({ a: { type: "integer" } }, "1.5")).toThrow("a must be a whole number");
    expect(() => content({ a: { type: "number" } }, " ")).toThrow("a must be a number");
    expect(() => content({ a: { enum: ["x"] } }, "y")).toThrow('"y" is none of the answers');
    expect(() => content({ a: {}, b: {} }, "text")).toThrow("several fields: a, b");
  });
});
