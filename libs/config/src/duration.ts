/** Milliseconds of each unit that a duration may be written in. */
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A year: longer is a slip of the hand. */
const MAX_DURATION_MS = 366 * 86_400_000;

/** One or more numbers with a unit: `500ms`, `60s`, `1h30m`. */
export const DURATION_PATTERN = /^(?:\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h|d))+$/;

/** Milliseconds of a duration such as `5m`, or undefined if it is none, or longer than a year. */
export function parseDuration(text: string): number | undefined {
  if (text.length > 40 || !DURATION_PATTERN.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|s|m|h|d)/g)) ms += Number(amount) * UNITS[unit!]!;
  ms = Math.round(ms);
  return ms <= MAX_DURATION_MS ? ms : undefined;
}
