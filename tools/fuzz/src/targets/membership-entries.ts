import { type Random, silentLogger } from "@clawmatrix/environment";
import { signParts } from "@clawmatrix/identity";
import { appoint, Membership, revoke } from "@clawmatrix/mesh";
import { SignedEntry } from "@clawmatrix/protocol";
import type { FuzzTarget } from "../target.ts";
import { FoundedMesh } from "./founded-mesh.ts";

/** What an input is: a signed entry as it came, or a body that is signed here, by the founder or by the attacker. */
const SIGNERS = 3;

/** Membership entries, as gossip brings them. Nobody but an operator may become or make an operator by them. */
export function membershipEntries(random: Random): FuzzTarget {
  const mesh = new FoundedMesh(random);
  appoint(mesh.decider, mesh.honest.nodeId, true);
  revoke(mesh.decider, mesh.honest.nodeId, { reason: "lost" });
  const entries = [...mesh.membership.entries()].map(({ bytes }) => bytes);
  const bodies = entries.map((bytes) => SignedEntry.decode(bytes).entry);
  return {
    seeds: [
      ...entries.map((bytes) => Buffer.concat([Uint8Array.of(0), bytes])),
      ...bodies.flatMap((body) => [1, 2].map((signer) => Buffer.concat([Uint8Array.of(signer), body]))),
    ],
    run(input) {
      const membership = new Membership({
        mesh: mesh.membership.mesh,
        entries: [mesh.founding],
        logger: silentLogger,
      });
      const signer = (input[0] ?? 0) % SIGNERS;
      const identity = signer === 1 ? mesh.founder : mesh.attacker;
      const entry = input.subarray(1);
      const signature = signParts(identity.signing, "clawmatrix membership 1", entry);
      membership.merge([signer === 0 ? entry : SignedEntry.encode({ entry, signature })]);
      if (membership.isOperator(mesh.attacker.nodeId) && signer === 2)
        throw new Error("it made itself an operator");
      if (!membership.isOperator(mesh.founder.nodeId)) throw new Error("the founder is no operator any more");
      membership.members();
      membership.summary();
    },
  };
}
