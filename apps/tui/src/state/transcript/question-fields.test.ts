import { expect, it } from "vitest";
import { readFields, readFieldValue } from "./question-fields.ts";

const [text, color, count, sure, several] = readFields({
  properties: {
    text: { type: "string", title: "Name" },
    color: { type: "string", enum: ["red", "blue"] },
    count: { type: "integer" },
    sure: { type: "boolean" },
    several: {
      type: "array",
      items: {
        anyOf: [
          { const: "a", title: "A" },
          { const: "b", title: "B" },
        ],
      },
    },
  },
  required: ["text", "color"],
});

it.each([
  [text, " kept as typed ", { value: " kept as typed " }],
  [text, "", { wrong: "Name is needed" }],
  [color, "2", { value: "blue" }],
  [color, "RED", { value: "red" }],
  [color, "green", { wrong: "choose one of red, blue" }],
  [count, "7", { value: 7 }],
  [count, "7.5", { wrong: 'count is a number; "7.5" is none' }],
  [count, "", { value: undefined }],
  [sure, "yes", { value: true }],
  [sure, "2", { value: false }],
  [several, "1, b", { value: ["a", "b"] }],
  [several, "1,9", { wrong: "choose one of A, B" }],
])("reads %j from %j as %j", (field, typed, expected) => {
  expect(readFieldValue(field!, typed)).toEqual(expected);
});

it("reads no fields from what is no schema", () => {
  for (const schema of [undefined, 7, [], { properties: "x" }, { properties: { a: null } }]) {
    expect(readFields(schema).length).toBeLessThanOrEqual(1);
  }
});
