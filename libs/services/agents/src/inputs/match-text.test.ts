import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MatchMode, matchesText } from "./match-text.ts";

/** The same as a regular expression, for texts that are their own plain form. */
function asRegExp(pattern: string, mode: MatchMode): RegExp {
  const some = mode === "eager" ? "[^]" : "[^;&|`$<>()\r\n]";
  const source = pattern.replace(/\*{2,}|[\s\S]/g, (piece) => {
    if (piece.startsWith("**")) return "[^]*";
    if (piece === "*") return `${some}*`;
    return piece === "?" ? some : `\\u${piece.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return new RegExp(`^${source}$`);
}

const letters = (characters: string) =>
  fc.array(fc.constantFrom(...characters), { maxLength: 12 }).map((all) => all.join(""));

describe("a glob over texts", () => {
  it.each(["cautious", "eager"] as const)("takes what a regular expression takes (%s)", (mode) => {
    fc.assert(
      fc.property(letters("ab*?;"), letters("ab;|"), (pattern, text) => {
        expect(matchesText(pattern, text, mode)).toBe(asRegExp(pattern, mode).test(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it("costs no more than both lengths, whatever they are", () => {
    expect(matchesText("*a".repeat(250), `${"a".repeat(8_000)}b`, "eager")).toBe(false);
  });

  it.each([
    "git status; rm -rf ~",
    "git status && rm x",
    "git status | sh",
    "git status `rm x`",
    "git status $(rm x)",
    "git status > ~/.bashrc",
    "git status\nrm x",
    "git status\r\nrm x",
    "git status \u202erm x",
    "git status\u200b",
    "git status\0",
    "git status\u2028rm x",
  ])("that allows does not take more than it shows: %j", (text) => {
    expect(matchesText("git status*", text, "cautious")).toBe(false);
    expect(matchesText("git status*", "git status --short", "cautious")).toBe(true);
    expect(matchesText("git status **", "git status; x", "cautious")).toBe(false);
    expect(matchesText("git status**", "git status; x", "cautious")).toBe(true);
  });

  it.each(["rm -rf /", "rm  -rf /", "rm\t-rf /", "\u200brm -rf\u200b /", "rm -rf /\nls", "ｒｍ -rf /"])(
    "that denies is not deceived by what is not seen: %j",
    (text) => expect(matchesText("rm -rf *", text, "eager")).toBe(true),
  );

  it("never allows, by the same glob, what it does not deny", () => {
    fc.assert(
      fc.property(letters("ab *?;"), fc.string({ unit: "binary", maxLength: 12 }), (pattern, text) => {
        if (matchesText(pattern, text, "cautious")) expect(matchesText(pattern, text, "eager")).toBe(true);
      }),
    );
  });
});
