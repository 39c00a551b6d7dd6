/** Lines that are there before anything is measured. */
export const LINES_BEFORE = 100_000;
/** Lines a second while keys are typed. */
export const LINES_PER_SECOND = 5_000;
/** How often they come, in milliseconds. */
const INTERVAL_MS = 10;

/** Line number `index` of the transcript: small letters and digits only, so that a typed capital cannot be mistaken for it. */
export function lineOf(index: number): string {
  return `${index} some words of an answer that goes on for a while, number ${index % 97}`;
}

/** What a program sets the terminal's title to once it has taken in the lines before. */
export const LOADED = "\u001b]0;LOADED\u0007";

/** Calls `add` with how many lines are due, until the process ends. */
export function keepAdding(add: (lines: number) => void): void {
  const startedAt = performance.now();
  let added = 0;
  setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) * LINES_PER_SECOND) / 1_000) - added;
    added += due;
    add(due);
  }, INTERVAL_MS);
}
