import type { Output } from "./output.ts";

/** pino's numbers of levels. */
const LEVELS: Readonly<Record<number, { name: string; style: "dim" | "yellow" | "red" | "reset" }>> = {
  20: { name: "debug", style: "dim" },
  30: { name: "info ", style: "reset" },
  40: { name: "warn ", style: "yellow" },
  50: { name: "error", style: "red" },
};

/** A line of a node's log for people; what is no JSON object, such as the last words of a crash, stays as it is. */
export function renderLogLine(line: string, output: Output): string {
  const entry = parse(line);
  if (entry === undefined) return line;
  const { level, time, msg, part, ...fields } = entry;
  const { name, style } = LEVELS[level as number] ?? { name: String(level), style: "reset" as const };
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${plain(value)}`);
  const source = typeof part === "string" ? `${part}: ` : "";
  return [
    output.style("dim", String(time ?? "")),
    output.style(style, name),
    `${source}${String(msg ?? "")}`,
    output.style("dim", rest.join(" ")),
  ]
    .join(" ")
    .trimEnd();
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    // Cut off, or printed by something else: shown as it is.
    return undefined;
  }
}

function plain(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return /^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(value);
}
