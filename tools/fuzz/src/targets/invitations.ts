import { createHash } from "node:crypto";
import type { Random } from "@clawmatrix/environment";
import { createInvitation, parseInvitation } from "@clawmatrix/mesh";
import type { FuzzTarget } from "../target.ts";
import { FoundedMesh } from "./founded-mesh.ts";

const PREFIX = "clawmatrix1:";
const CHECKSUM_BYTES = 4;

/**
 * The one line that takes a machine into a mesh. The first byte of an input says whether the rest is the text, or the
 * message inside of it, to which the right checksum is added here.
 */
export function invitations(random: Random): FuzzTarget {
  const { decider, secret } = new FoundedMesh(random);
  const texts = [["wss://relay.example:19000"], ["ws://127.0.0.1:1", "ws://[::1]:2"]].map((addresses) =>
    createInvitation(decider, { secret, addresses, name: "laptop", random }).revealText(),
  );
  const bodies = texts.map((text) => Buffer.from(text.slice(PREFIX.length), "base64url"));
  return {
    seeds: [
      ...texts.map((text) => Buffer.from(`\0 "${text}"\n`)),
      ...bodies.map((bytes) => Buffer.concat([Uint8Array.of(1), bytes.subarray(0, -CHECKSUM_BYTES)])),
    ],
    run(input) {
      const rest = Buffer.from(input.subarray(1));
      const invitation = parseInvitation((input[0] ?? 0) % 2 === 0 ? rest.toString("utf8") : textOf(rest));
      const text = invitation.revealText();
      if (parseInvitation(text).revealText() !== text) throw new Error("it changes when written again");
    },
  };
}

function textOf(message: Buffer): string {
  const checksum = createHash("sha256").update(message).digest().subarray(0, CHECKSUM_BYTES);
  return PREFIX + Buffer.concat([message, checksum]).toString("base64url");
}
