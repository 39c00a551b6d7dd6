/** A duration for people: "840 ms", "12 s", "3 min", "2 h", "5 d". */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** A time that was measured, in milliseconds: "0.4 ms", "12 ms". */
export function formatMilliseconds(ms: number): string {
  return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

/**
 * A text from elsewhere as a terminal may show it: what would move the cursor, clear or recolour the screen is shown and
 * not done, so that nobody can dress up what a person is asked to allow.
 */
export function harmless(text: string): string {
  return text.replaceAll(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}

/** The first line of a text, harmless, shortened to `length` characters. */
export function shorten(text: string, length: number): string {
  const [line = ""] = harmless(text).trimStart().split("\n", 1);
  const characters = [...line];
  return characters.length <= length ? line : `${characters.slice(0, length - 1).join("")}…`;
}
