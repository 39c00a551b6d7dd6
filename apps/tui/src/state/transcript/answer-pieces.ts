/** A piece longer than this ends at the next line, whatever it holds: what is laid out anew at each chunk stays small. */
const MAX_PIECE_CHARACTERS = 8_192;

/** A growing text cut in two: how the first part looks can no longer change. */
export interface SplitAnswer {
  readonly finished: string;
  readonly rest: string;
}

/**
 * Cuts a growing Markdown text after the last blank line that is not inside of a code block or list. A code block that is cut for
 * its length goes on as one in the rest. Undefined: nothing is finished yet.
 */
export function splitAnswer(text: string): SplitAnswer | undefined {
  // What ends in a blank line now may go on with a list item: the line before it is what can be told of.
  const blank = text.lastIndexOf("\n\n", text.trimEnd().length - 1) + 2;
  if (blank > 1 && text[blank] !== " " && openFence(text.slice(0, blank)) === "") {
    return { finished: text.slice(0, blank), rest: text.slice(blank) };
  }
  if (text.length <= MAX_PIECE_CHARACTERS) return undefined;
  const cut = text.lastIndexOf("\n") + 1 || text.length;
  const finished = text.slice(0, cut);
  const fence = openFence(finished);
  return { finished, rest: `${fence === "" ? "" : `${fence}\n`}${text.slice(cut)}` };
}

/** The line that opened the code block in which `text` ends; empty: it ends in none. */
function openFence(text: string): string {
  let fence = "";
  let opener = "";
  for (const [whole, marks = ""] of text.matchAll(/^ {0,3}(`{3,}|~{3,}).*$/gm)) {
    if (fence === "") {
      fence = marks;
      opener = whole;
    } else if (marks.startsWith(fence)) fence = "";
  }
  return fence === "" ? "" : opener;
}
