/** How many tests, or test files, ended how. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

export interface TestSummary {
  readonly files: Tally;
  readonly tests: Tally;
}

const ESCAPES = /\u001b\[[0-9;]*[A-Za-z]/g;

/** Adds up the closing lines of every vitest run in `output`: "Test Files  3 passed (3)", "Tests  1 failed | 9 passed (10)". */
export function summarize(output: string): TestSummary {
  const summary = { files: emptyTally(), tests: emptyTally() };
  for (const line of output.replace(ESCAPES, "").split("\n")) {
    const match = /^\s*(Test Files|Tests)\s+(.*\d+ (?:passed|failed|skipped|todo).*)\(\d+\)\s*$/.exec(line);
    if (match === null) continue;
    const tally = match[1] === "Tests" ? summary.tests : summary.files;
    for (const [, count, outcome] of match[2]!.matchAll(/(\d+) (passed|failed|skipped|todo)/g)) {
      tally[outcome === "todo" ? "skipped" : (outcome as keyof Tally)] += Number(count);
    }
  }
  return summary;
}

/** The summary as vitest prints it at the end of a run. */
export function renderSummary({ files, tests }: TestSummary): string {
  return ` Test Files  ${renderTally(files)}\n      Tests  ${renderTally(tests)}`;
}

function renderTally({ passed, failed, skipped }: Tally): string {
  const parts = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    `${passed} passed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  return `${parts.join(" | ")} (${passed + failed + skipped})`;
}

function emptyTally(): Tally {
  return { passed: 0, failed: 0, skipped: 0 };
}
