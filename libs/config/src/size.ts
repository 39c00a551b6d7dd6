/** Bytes of each unit that a size may be written in. */
const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** A number with a unit: `64MiB`, `1.5 GB`. */
export const SIZE_PATTERN = /^(\d{1,12}(?:\.\d{1,3})?) ?(B|KB|MB|GB|KiB|MiB|GiB)$/;

/** Bytes of a size such as `64MiB`, or undefined if it is none. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = SIZE_PATTERN.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const bytes = Math.round(Number(amount) * UNITS[unit]!);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
