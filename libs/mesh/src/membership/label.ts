import { malformed } from "./refusal.ts";

/** The longest name of a node, in characters. */
export const MAX_NAME_CHARACTERS = 63;

/** What moves the cursor, breaks lines or turns the direction of writing: a peer's text must not rewrite a screen. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Gives `text` back if it may be shown to people as it is; throws StatusError INVALID_ARGUMENT "bad-label" otherwise. */
export function requireLabel(what: string, text: string, maxCharacters = MAX_NAME_CHARACTERS): string {
  if (text.length > maxCharacters) {
    throw malformed(`the ${what} is longer than ${maxCharacters} characters`, "bad-label");
  }
  if (UNPRINTABLE.test(text)) {
    throw malformed(`the ${what} holds control characters`, "bad-label");
  }
  return text;
}
