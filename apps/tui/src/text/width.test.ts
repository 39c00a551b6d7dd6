import fc from "fast-check";
import stringWidth from "string-width";
import { expect, it } from "vitest";
import { graphemesOf, nextGrapheme, previousGrapheme, truncate, widthOf } from "./width.ts";

const units = fc.constantFrom("a", " ", "é", "│", "…", "›", "▶", "●", "日", "👩‍💻", "e\u0301", "\u00a0", "☑");

it("measures as the terminal shows, by the short way and the long one", () => {
  fc.assert(fc.property(fc.string({ unit: units }), (text) => widthOf(text) === stringWidth(text)));
});

it("measures every character of the short way as one column", () => {
  const ranges = [
    [0x20, 0x7e],
    [0xa0, 0xac],
    [0xae, 0x2ff],
    [0x2013, 0x2026],
    [0x2500, 0x25fc],
  ] as const;
  for (const [first, last] of ranges) {
    for (let code = first; code <= last; code++) expect(stringWidth(String.fromCharCode(code))).toBe(1);
  }
});

it("splits a text into what a person sees as characters", () => {
  expect(graphemesOf("a👩‍💻e\u0301│")).toEqual(["a", "👩‍💻", "e\u0301", "│"]);
  fc.assert(
    fc.property(fc.string({ unit: units }), (text) => {
      let offset = 0;
      for (const grapheme of graphemesOf(text)) {
        expect(nextGrapheme(text, offset)).toBe(offset + grapheme.length);
        expect(previousGrapheme(text, offset + grapheme.length)).toBe(offset);
        offset += grapheme.length;
      }
      expect(offset).toBe(text.length);
    }),
  );
});

it("cuts to the width, and says by an ellipsis that it did", () => {
  fc.assert(
    fc.property(fc.string({ unit: units }), fc.integer({ min: 0, max: 12 }), (text, width) => {
      const cut = truncate(text, width);
      expect(widthOf(cut)).toBeLessThanOrEqual(width);
      if (cut !== text && width > 0) expect(cut).toMatch(/…$/);
    }),
  );
});
