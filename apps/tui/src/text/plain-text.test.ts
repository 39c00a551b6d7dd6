import fc from "fast-check";
import { expect, it } from "vitest";
import { oneLine, plainText } from "./plain-text.ts";

it.each([
  ["escape sequences", "a\u001b[31mred\u001b[0m\u001b[2J", "ared"],
  ["titles and links", "\u001b]0;title\u0007a\u001b]8;;http://x\u0007b", "ab"],
  ["other control characters", "a\u0000\b\u007f\u009bb", "ab"],
  ["what turns the writing direction", "a\u202eb\u2066c", "abc"],
])("takes %s out", (_name, text, plain) => {
  expect(plainText(text)).toBe(plain);
});

it("makes line feeds of all line ends, and blanks of tabs", () => {
  expect(plainText("a\r\nb\rc\u2028d\te")).toBe("a\nb\nc\nd  e");
  expect(oneLine(" a\r\n\tb ")).toBe("a b");
});

it("leaves no control character but line feeds in any text", () => {
  const units = fc.oneof(
    fc.string(),
    fc.integer({ min: 0, max: 0x9f }).map((code) => String.fromCharCode(code)),
  );
  fc.assert(
    fc.property(fc.array(units), (parts) => {
      expect(plainText(parts.join(""))).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    }),
  );
});
