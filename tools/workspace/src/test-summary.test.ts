import { describe, expect, it } from "vitest";
import { renderSummary, summarize } from "./test-summary.ts";

describe("the summary over all projects", () => {
  it("adds up the closing lines of several runs, colours or not", () => {
    const output = [
      " Test Files  2 passed (2)",
      "      Tests  10 passed (10)",
      "\u001b[2m Test Files \u001b[22m \u001b[1m\u001b[31m1 failed\u001b[39m\u001b[22m\u001b[2m | \u001b[22m\u001b[32m3 passed\u001b[39m (4)",
      "\u001b[2m      Tests \u001b[22m \u001b[31m2 failed\u001b[39m | \u001b[32m7 passed\u001b[39m | 1 skipped (10)",
    ].join("\n");
    const summary = summarize(output);
    expect(summary.files).toEqual({ passed: 5, failed: 1, skipped: 0 });
    expect(summary.tests).toEqual({ passed: 17, failed: 2, skipped: 1 });
    expect(renderSummary(summary)).toBe(
      " Test Files  1 failed | 5 passed (6)\n      Tests  2 failed | 17 passed | 1 skipped (20)",
    );
  });

  it("does not count what only looks like a closing line", () => {
    expect(summarize("  Tests are 3 passed\n Tests  no tests\n").tests).toEqual({
      passed: 0,
      failed: 0,
      skipped: 0,
    });
  });
});
