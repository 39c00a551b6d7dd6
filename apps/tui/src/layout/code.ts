import type { Tone } from "../look/tones.ts";
import { type Line, type Span, span } from "../text/line.ts";

const KEYWORDS =
  "abstract as async await begin bool boolean break case catch char class const continue def default defer delete do echo elif else end enum esac except export extends extern false fi final finally fn for foreach from func function go goto if impl implements import in include int interface is lambda let long loop match mod module mut new nil none not null of or package pass private protected pub public raise readonly return select self static string struct super switch then this throw true try type typeof undefined union unsafe until use using val var void when where while with yield";

/** Comments, strings, numbers and words: enough to read by in most languages. `#` begins a comment only after a blank. */
const TOKEN =
  /(?<comment>\/\/.*|\/\*.*?(?:\*\/|$)|(?<=^|\s)#.*|(?<=^|\s)--\s.*)|(?<string>"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`?)|(?<number>\b\d[\w.]*)|(?<word>[A-Za-z_]\w*)/g;

/** Longer lines are shown without colours: minified code is not read by colour. */
const MAX_HIGHLIGHTED = 1_000;

const keywords: ReadonlySet<string> = new Set(KEYWORDS.split(" "));

/** Lines of code in simple colours, whatever the language. */
export function highlight(code: string): Line[] {
  return code.split("\n").map(highlightLine);
}

function highlightLine(text: string): Line {
  if (text.length > MAX_HIGHLIGHTED) return [span(text)];
  const spans: Span[] = [];
  let done = 0;
  for (const match of text.matchAll(TOKEN)) {
    const tone = toneOf(match);
    if (tone === undefined) continue;
    if (match.index > done) spans.push(span(text.slice(done, match.index)));
    spans.push(span(match[0], tone));
    done = match.index + match[0].length;
  }
  if (done < text.length || spans.length === 0) spans.push(span(text.slice(done)));
  return spans;
}

function toneOf({ groups = {} }: RegExpExecArray): Tone | undefined {
  if (groups.comment !== undefined) return "comment";
  if (groups.string !== undefined || groups.number !== undefined) return "literal";
  return keywords.has(groups.word ?? "") ? "keyword" : undefined;
}
