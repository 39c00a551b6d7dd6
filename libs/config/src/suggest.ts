import { distance } from "fastest-levenshtein";

/** A longer word is no slip of the hand, and comparing it would cost time. */
const MAX_WORD_CHARACTERS = 64;

/** Shorter beginnings say nothing. */
const MIN_BEGINNING = 2;

/**
 * The candidate that `word` was probably meant to be, or undefined if none is near enough to be a help: at most a
 * third of its characters differ (at least one may), or it begins like exactly one candidate that is shorter or longer.
 * Case, `-` and `_` do not count.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > MAX_WORD_CHARACTERS) return undefined;
  const wanted = plain(word);
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  const beginnings: string[] = [];
  for (const candidate of candidates) {
    const form = plain(candidate);
    if (
      Math.min(wanted.length, form.length) >= MIN_BEGINNING &&
      (form.startsWith(wanted) || wanted.startsWith(form))
    ) {
      beginnings.push(candidate);
    }
    const apart = distance(wanted, form);
    if (apart < bestDistance) [best, bestDistance] = [candidate, apart];
  }
  return best ?? (beginnings.length === 1 ? beginnings[0] : undefined);
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll("_", "-");
}
