import { expect, it } from "vitest";
import { diffLines } from "./diff.ts";

const numbers = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index}\n`).join("");

it("shows what was removed and added, with two lines around it", () => {
  const oldText = numbers(1, 9);
  const newText = oldText.replace("5\n", "five\n");
  expect(diffLines({ path: "a.txt", oldText, newText })).toEqual([
    "a.txt",
    " 3",
    " 4",
    "-5",
    "+five",
    " 6",
    " 7",
  ]);
});

it("says that a file is new", () => {
  expect(diffLines({ path: "a.txt", oldText: null, newText: "x\n" })).toEqual(["new file a.txt", "+x"]);
});

it("does not compare what would take seconds", () => {
  const huge = "x\n".repeat(300_000);
  expect(diffLines({ path: "a.txt", oldText: huge, newText: "" })).toEqual([
    "a.txt",
    "(too large to be compared here)",
  ]);
});
