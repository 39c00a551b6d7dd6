import fc from "fast-check";
import { expect, test } from "vitest";
import { LineReader } from "./line-reader.ts";

function read(chunks: readonly Buffer[], maxBytes = 100): { lines: string[]; tooLong: number } {
  const result = { lines: [] as string[], tooLong: 0 };
  const reader = new LineReader({
    maxBytes,
    onLine: (line) => result.lines.push(line.toString()),
    onTooLong: () => result.tooLong++,
  });
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return result;
}

function pieces(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
}

test("lines are the same however the bytes are cut, with either line end, and the last without one", () => {
  const line = fc
    .string({ unit: fc.constantFrom("a", "ü", "🦀", "\r", '"', " ") })
    .filter((text) => !text.endsWith("\r"));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n"))),
      fc.nat({ max: 7 }),
      (written, size) => {
        const bytes = Buffer.from(written.map(([text, end]) => text + end).join(""));
        const expected = written.map(([text]) => text).filter((text) => text !== "");
        expect(read(pieces(bytes, size + 1), 1_000).lines).toEqual(expected);
        expect(read(pieces(Buffer.concat([bytes, Buffer.from("rest")]), size + 1), 1_000).lines).toEqual([
          ...expected,
          "rest",
        ]);
      },
    ),
  );
});

test.each([1, 3, 64])(
  "a line that is too long is never kept, and nothing is read behind it (pieces of %i bytes)",
  (size) => {
    const bytes = Buffer.from(`${"a".repeat(10)}\r\n${"b".repeat(11)}\nc\n`);
    expect(read(pieces(bytes, size), 10)).toEqual({ lines: ["a".repeat(10)], tooLong: 1 });
  },
);
