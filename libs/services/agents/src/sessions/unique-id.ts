import type { Random } from "@clawmatrix/environment";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
/** 80 random bits: unique over all nodes of a mesh for its life, not to be guessed, and short enough to be typed. */
const CHARACTERS = 16;

/** An id in base32, lower case: of sessions, turns and what waits for a person. */
export function uniqueId(random: Pick<Random, "bytes">): string {
  return Array.from(random.bytes(CHARACTERS), (byte) => ALPHABET[byte & 31]).join("");
}
