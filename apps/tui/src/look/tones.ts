import type { Line } from "../text/line.ts";

/** What a piece of text means; how that looks is settled here alone. Colours are the terminal's own 16. */
export type Tone =
  | "dim"
  | "strong"
  | "emphasis"
  | "struck"
  | "heading"
  | "code"
  | "link"
  | "accent"
  | "good"
  | "warn"
  | "bad"
  | "added"
  | "removed"
  | "chosen"
  | "keyword"
  | "literal"
  | "comment";

interface Style {
  /** SGR parameters that every terminal shows, also without colour. */
  readonly weight?: string;
  readonly color?: string;
}

const STYLES: Readonly<Record<Tone, Style>> = {
  dim: { weight: "2" },
  strong: { weight: "1" },
  emphasis: { weight: "3" },
  struck: { weight: "9" },
  heading: { weight: "1", color: "36" },
  code: { color: "36" },
  link: { weight: "4", color: "34" },
  accent: { weight: "1", color: "36" },
  good: { color: "32" },
  warn: { weight: "1", color: "33" },
  bad: { weight: "1", color: "31" },
  added: { color: "32" },
  removed: { color: "31" },
  chosen: { weight: "7" },
  keyword: { color: "35" },
  literal: { color: "32" },
  comment: { weight: "2" },
};

/** Turns a line into text with the escape sequences of its tones. */
export type Painter = (line: Line) => string;

const RESET = "\u001b[0m";

/**
 * A painter for the terminal that `env` describes. NO_COLOR (not empty) leaves weight and underline, TERM=dumb nothing.
 * Nothing on the screen is told by colour alone.
 */
export function createPainter(env: Readonly<Record<string, string | undefined>>): Painter {
  const plain = env.TERM === "dumb";
  const colored = !plain && (env.NO_COLOR ?? "") === "";
  const prefixes = new Map<Tone, string>();
  for (const [tone, { weight, color }] of Object.entries(STYLES) as [Tone, Style][]) {
    const parameters = [plain ? undefined : weight, colored ? color : undefined].filter(
      (part) => part !== undefined,
    );
    if (parameters.length > 0) prefixes.set(tone, `\u001b[${parameters.join(";")}m`);
  }
  return (line) => {
    let painted = "";
    for (const { text, tone } of line) {
      const prefix = tone === undefined ? undefined : prefixes.get(tone);
      painted += prefix === undefined || text === "" ? text : `${prefix}${text}${RESET}`;
    }
    return painted;
  };
}
