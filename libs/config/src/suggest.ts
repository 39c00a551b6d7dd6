/** The candidate that `word` was probably meant to be, or undefined if none is near enough to be a help. */
export function nearest(_word: string, _candidates: Iterable<string>): string | undefined {
  throw new Error("being written");
}
