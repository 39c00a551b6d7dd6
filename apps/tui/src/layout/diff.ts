import { structuredPatch } from "diff";
import type { FileDiff } from "../state/transcript/tool-call.ts";
import { type Line, span } from "../text/line.ts";
import { wrapAnywhere } from "../text/wrap.ts";

/** Unchanged lines around a change. */
const CONTEXT_LINES = 2;
/** Comparing takes no longer than this, in milliseconds; then the diff is only named. */
const TIMEOUT_MS = 50;

/** How a file changed: its path with the counts, then the changed lines with their numbers, `-` and `+`. */
export function layoutDiff({ path, before, after }: FileDiff, width: number): Line[] {
  const patch = structuredPatch(path, path, before, after, "", "", {
    context: CONTEXT_LINES,
    timeout: TIMEOUT_MS,
  });
  if (patch === undefined) return [[span(path, "strong"), span("  too different to compare here", "dim")]];
  const changed = patch.hunks.flatMap(({ lines }) => lines);
  const added = changed.filter((line) => line.startsWith("+")).length;
  const removed = changed.filter((line) => line.startsWith("-")).length;
  const head: Line = [span(path, "strong"), span(` +${added}`, "added"), span(` -${removed}`, "removed")];
  return [head, ...patch.hunks.flatMap((hunk, index) => layoutHunk(hunk, width, index > 0))];
}

interface Hunk {
  readonly oldStart: number;
  readonly newStart: number;
  readonly lines: readonly string[];
}

function layoutHunk({ oldStart, newStart, lines }: Hunk, width: number, follows: boolean): Line[] {
  let oldLine = oldStart;
  let newLine = newStart;
  const digits = String(Math.max(oldLine, newLine) + lines.length).length;
  const laidOut = lines.flatMap((line): Line[] => {
    const [sign = " "] = line;
    if (sign === "\\") return [];
    const number = sign === "-" ? oldLine : newLine;
    if (sign !== "+") oldLine++;
    if (sign !== "-") newLine++;
    const tone = sign === "+" ? "added" : sign === "-" ? "removed" : undefined;
    const pieces = wrapAnywhere([span(line.slice(1), tone)], width - digits - 3);
    return pieces.map((piece, index) => [
      span(`${index === 0 ? String(number).padStart(digits) : " ".repeat(digits)} `, "dim"),
      span(`${index === 0 ? sign : " "} `, tone),
      ...piece,
    ]);
  });
  return follows ? [[span("⋮", "dim")], ...laidOut] : laidOut;
}
