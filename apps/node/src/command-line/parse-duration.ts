import { wrongUsage } from "./wrong-usage.ts";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** "500ms", "30s", "5m", "1h", "7d" in milliseconds. @throws StatusError "wrong-usage" naming the flag. */
export function parseDuration(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  if (match === null)
    throw wrongUsage(`${flag}: "${text}" is no duration`, "Write for example 30s, 5m, 1h or 7d.");
  return Math.round(Number(match[1]) * UNITS[match[2]!]!);
}
