import fc from "fast-check";
import { expect, it } from "vitest";
import { fitLine, type Line, lineWidth, span, spread } from "./line.ts";
import { wrapAnywhere, wrapWords } from "./wrap.ts";

const texts = fc.string({ unit: fc.constantFrom("a", "b", " ", "日", "é", "👩‍💻", "-"), maxLength: 60 });
const lines: fc.Arbitrary<Line> = fc
  .array(texts, { maxLength: 4 })
  .map((parts) => parts.map((text) => span(text)));
const widths = fc.integer({ min: 2, max: 30 });
const textOf = (line: Line) => line.map(({ text }) => text).join("");

it("breaks prose into lines that fit, and loses nothing but spaces", () => {
  fc.assert(
    fc.property(lines, widths, (line, width) => {
      const wrapped = wrapWords(line, width);
      for (const part of wrapped) expect(lineWidth(part)).toBeLessThanOrEqual(width);
      expect(wrapped.map(textOf).join("").replaceAll(" ", "")).toBe(textOf(line).replaceAll(" ", ""));
    }),
  );
});

it("breaks code into lines that fit, and loses nothing", () => {
  fc.assert(
    fc.property(lines, widths, (line, width) => {
      const wrapped = wrapAnywhere(line, width);
      for (const part of wrapped) expect(lineWidth(part)).toBeLessThanOrEqual(width);
      expect(wrapped.map(textOf).join("")).toBe(textOf(line));
    }),
  );
});

it("cuts lines to their width, and fills between left and right", () => {
  fc.assert(
    fc.property(lines, lines, widths, (left, right, width) => {
      expect(lineWidth(fitLine(left, width))).toBeLessThanOrEqual(width);
      expect(lineWidth(spread(left, right, width))).toBeLessThanOrEqual(width);
    }),
  );
});

it("breaks words between spans only where there is a space", () => {
  const line = [span("some "), span("bold", "strong"), span(", then")];
  expect(wrapWords(line, 10).map(textOf)).toEqual(["some bold,", "then"]);
});
