/** What became of the accepted table of frames and methods. */
export interface FrameChanges {
  /** Lines that are new: peers of earlier versions do not know them, which does them no harm. */
  readonly added: readonly string[];
  /** Accepted lines that are gone or changed: peers of earlier versions rely on them. */
  readonly lost: readonly string[];
}

/** Compares the table that the generator emits now with the accepted one (proto/frames.txt). */
export function compareFrames(accepted: string, current: string): FrameChanges {
  const before = linesOf(accepted);
  const now = linesOf(current);
  return {
    added: now.filter((line) => !before.includes(line)),
    lost: before.filter((line) => !now.includes(line)),
  };
}

/** Says what to do about the changes; undefined where there are none. */
export function complaintAbout({ added, lost }: FrameChanges): string | undefined {
  if (lost.length > 0) {
    return [
      "These frames or methods were accepted and are gone or changed. Peers of earlier versions rely on their number,",
      "dedup class, priority and options: leave them as they were, and give what is new a number of its own.",
      ...lost.map((line) => `  - ${line}`),
      ...added.map((line) => `  + ${line}`),
      "Only where no released version has them: run `node proto/accept-frames.mjs --also-changed`.",
    ].join("\n");
  }
  if (added.length > 0) {
    return [
      "These frames or methods are new. Once they are as they shall stay, accept them: run `node proto/accept-frames.mjs`.",
      ...added.map((line) => `  + ${line}`),
    ].join("\n");
  }
  return undefined;
}

function linesOf(table: string): string[] {
  return table.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}
