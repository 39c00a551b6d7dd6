import { expect, it } from "vitest";
import { parseDuration } from "./parse-duration.ts";

it.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["1.5m", 90_000],
  [" 1h ", 3_600_000],
  ["7d", 604_800_000],
])("reads %j as %d ms", (text, ms) => {
  expect(parseDuration(text, "--expires")).toBe(ms);
});

it.each(["", "5", "-1s", "1w", "1h30m", "soon"])("refuses %j, naming the flag", (text) => {
  expect(() => parseDuration(text, "--expires")).toThrow(
    expect.objectContaining({ reason: "wrong-usage", message: `--expires: "${text}" is no duration` }),
  );
});
