import { createHash } from "node:crypto";
import { malformed } from "./refusal.ts";

/** What every invitation begins with: its format and the format's version. */
const PREFIX = "clawmatrix1:";
/** The longest text that is looked at, in characters: a dozen addresses and a long chain of operators. */
const MAX_INVITATION_CHARACTERS = 16_384;
/** The bytes of the SHA-256 at the end, which catch a damaged copy. */
const CHECKSUM_BYTES = 4;

/** The one line of an invitation. */
export function writeInvitationText(message: Uint8Array): string {
  return PREFIX + Buffer.concat([message, checksum(message)]).toString("base64url");
}

/**
 * The bytes inside of an invitation's text, as a person pasted it: white space, line breaks and quotation marks around it do
 * not matter. Throws StatusError INVALID_ARGUMENT with the reason "not-an-invitation", "invitation-too-long",
 * "invitation-newer-version" or "invitation-damaged"; no error repeats any of the text, which is a secret.
 */
export function readInvitationText(text: string): Uint8Array {
  // Pasted text may hold as much white space again, but not a novel.
  if (text.length > 2 * MAX_INVITATION_CHARACTERS) throw tooLong();
  const line = text.replaceAll(/[\s\u200B\uFEFF]+/g, "").replaceAll(/^["'`<]+|["'`>]+$/g, "");
  if (line.length > MAX_INVITATION_CHARACTERS) throw tooLong();
  if (!line.startsWith(PREFIX)) throw notRead(line);
  const encoded = line.slice(PREFIX.length).replace(/=+$/, "");
  const bytes = Buffer.from(encoded, "base64url");
  // Node skips characters that do not belong there; an intact copy has none of them.
  if (bytes.toString("base64url") !== encoded || bytes.length <= CHECKSUM_BYTES) throw damaged();
  const message = bytes.subarray(0, bytes.length - CHECKSUM_BYTES);
  if (!checksum(message).equals(bytes.subarray(message.length))) throw damaged();
  return Uint8Array.from(message);
}

function checksum(message: Uint8Array): Buffer {
  return createHash("sha256").update(message).digest().subarray(0, CHECKSUM_BYTES);
}

function notRead(line: string): Error {
  if (/^clawmatrix\d+:/.test(line)) {
    return malformed(
      "this invitation was made by a newer version of ClawMatrix",
      "invitation-newer-version",
      "update this machine's ClawMatrix and try again",
    );
  }
  return malformed(
    `this is not an invitation: one begins with "${PREFIX}"`,
    "not-an-invitation",
    'make one with "clawmatrix invite" on a node of the mesh, and copy the whole line',
  );
}

function tooLong(): Error {
  return malformed(
    `this is longer than any invitation (${MAX_INVITATION_CHARACTERS} characters)`,
    "invitation-too-long",
    "copy the one line and nothing else",
  );
}

function damaged(): Error {
  return malformed(
    "the invitation was damaged in copying: some of it is missing or changed",
    "invitation-damaged",
    "copy the whole line again",
  );
}
