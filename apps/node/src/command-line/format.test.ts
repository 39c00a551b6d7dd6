import { expect, it } from "vitest";
import { formatDuration, harmless, shorten } from "./format.ts";

it.each([
  [0, "0 ms"],
  [999.4, "999 ms"],
  [1000, "1 s"],
  [119_000, "119 s"],
  [120_000, "2 min"],
  [7_200_000, "2 h"],
  [172_800_000, "2 d"],
])("tells %d ms as %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

it("shortens to the first line, by characters and not by halves of one", () => {
  expect(shorten("one\ntwo", 10)).toBe("one");
  expect(shorten("\n  one", 10)).toBe("one");
  expect(shorten("👍👍👍👍", 3)).toBe("👍👍…");
  expect(shorten("", 3)).toBe("");
});

it("shows what would act on a terminal, and does not do it", () => {
  expect(harmless("rm -rf /\x1b[2K\rls\tx\n\u202eoops")).toBe("rm -rf /\ufffd[2K\ufffdls\tx\n\ufffdoops");
  expect(shorten("ls \x1b[8m; rm x", 40)).toBe("ls \ufffd[8m; rm x");
});
