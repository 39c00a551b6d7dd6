const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long ago something was, in one short word: "now", "12s", "3m", "5h", "2d". */
export function formatAge(ms: number): string {
  if (ms < SECOND_MS) return "now";
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)}s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)}h`;
  return `${Math.floor(ms / DAY_MS)}d`;
}

/** How long something took or takes: "0.3 s", "14.2 s", "2m 03s", "1h 05m". */
export function formatElapsed(ms: number): string {
  const safe = Math.max(0, ms);
  if (safe < MINUTE_MS) return `${(Math.floor(safe / 100) / 10).toFixed(1)} s`;
  if (safe < HOUR_MS) return `${Math.floor(safe / MINUTE_MS)}m ${twoDigits((safe % MINUTE_MS) / SECOND_MS)}s`;
  return `${Math.floor(safe / HOUR_MS)}h ${twoDigits((safe % HOUR_MS) / MINUTE_MS)}m`;
}

/** A round-trip time: "0.4 ms", "12 ms"; empty where it is not known. */
export function formatRoundTrip(ms: number): string {
  if (!(ms > 0)) return "";
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

/** A number of tokens: "940", "12.4k", "3.1M". */
export function formatTokens(count: number): string {
  if (count < 1_000) return String(count);
  return count < 1_000_000 ? `${(count / 1_000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}

function twoDigits(value: number): string {
  return String(Math.floor(value)).padStart(2, "0");
}
