/** Characters of a title or description that lists show. */
const MAX_CHARACTERS = 200;

/**
 * A text as lists show it: one line, shortened between characters. It is a text of its own: a piece of a longer one would
 * keep that in memory, for each of thousands of sessions.
 */
export function shortText(text: string): string {
  // Far more than is shown, so that a long message costs nothing.
  const line = text
    .slice(0, 8 * MAX_CHARACTERS)
    .replace(/\s+/g, " ")
    .trim();
  const characters = [...line];
  const short =
    characters.length <= MAX_CHARACTERS ? line : `${characters.slice(0, MAX_CHARACTERS - 1).join("")}…`;
  return detached(short);
}

/** The same text, independent of what it was cut out of. Half a character, as a cut leaves it, is replaced. */
export function detached(text: string): string {
  return Buffer.from(text).toString();
}
