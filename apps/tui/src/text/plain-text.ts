import { stripVTControlCharacters } from "node:util";

/** Everything that could move the cursor, change the terminal or turn the writing direction. */
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const UNSAFE_LEFT = new RegExp(UNSAFE.source, "g");

/** Columns that a tab stands for: agents' output is code more often than tables. */
const TAB = "  ";

/**
 * Text of an agent or another node, fit for a terminal: without escape sequences and control characters other than line
 * feeds. Whatever they send, they cannot draw outside of their place.
 */
export function plainText(text: string): string {
  if (!UNSAFE.test(text)) return text;
  return stripVTControlCharacters(text)
    .replaceAll(/\r\n?|[\u2028\u2029]/g, "\n")
    .replaceAll("\t", TAB)
    .replaceAll(UNSAFE_LEFT, "");
}

/** The same on one line: runs of white space become one space. */
export function oneLine(text: string): string {
  return plainText(text).replaceAll(/\s+/g, " ").trim();
}
