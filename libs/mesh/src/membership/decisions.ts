import type { Clock } from "@clawmatrix/environment";
import {
  type Identity,
  type MeshSecret,
  type NodeId,
  nodeIdFromKeys,
  nodeIdToBytes,
} from "@clawmatrix/identity";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { requireLabel } from "./label.ts";
import type { MemberRow } from "./member-rows.ts";
import type { Membership } from "./membership.ts";
import { type Mesh, meshOf, type PublicKeys } from "./mesh.ts";
import { precondition } from "./refusal.ts";
import { signEntry } from "./sign-entry.ts";
import { takeOver } from "./take-over.ts";

/** Who decides, with what it knows and by which clock. */
export interface Decider {
  readonly membership: Membership;
  readonly identity: Identity;
  readonly clock: Pick<Clock, "now">;
}

/** A mesh that has just come to be, and its first entry, for the store. */
export interface FoundedMesh {
  readonly mesh: Mesh;
  readonly entry: Uint8Array;
}

/** Makes `founder` the founder of a new mesh. `issuedAt` is in milliseconds since 1970. */
export function foundMesh(
  founder: Identity,
  secret: MeshSecret,
  name: string,
  issuedAt: number,
): FoundedMesh {
  const keys = publicKeysOf(founder);
  const mesh = meshOf(secret, keys);
  const value = { founder: keys, name: requireLabel("name", name) };
  return { mesh, entry: signEntry(mesh, founder, issuedAt, { case: "founding", value }) };
}

/** What others may know of an identity. */
export function publicKeysOf(identity: Identity): PublicKeys {
  return { signingKey: identity.signing.publicKey, agreementKey: identity.agreement.publicKey };
}

/**
 * Lets a node in; one that belongs already stays as it is. Throws StatusError PERMISSION_DENIED ("not-an-operator") and
 * FAILED_PRECONDITION ("node-revoked").
 */
export function admit(by: Decider, node: { readonly keys: PublicKeys; readonly name: string }): MemberRow {
  const id = nodeIdFromKeys(node.keys.signingKey, node.keys.agreementKey);
  const { membership } = by;
  requireOperator(by, "admit a node");
  if (membership.isRevoked(id)) {
    throw precondition(
      "this node was revoked, which is for good",
      "node-revoked",
      "it comes back only under new keys: let it make a new home and join again",
    );
  }
  if (!membership.isMember(id)) {
    const value = { node: node.keys, name: requireLabel("name", node.name) };
    membership.issue([signEntry(membership.mesh, by.identity, by.clock.now(), { case: "admission", value })]);
  }
  return rowOf(membership, id);
}

export interface RevokeOptions {
  /** For people; at most 256 characters. Default: none. */
  readonly reason?: string;
  /**
   * Of an operator: whether what it decided stays, as this operator's word. Default: true. False undoes all of it: whom it
   * admitted is out, whom it revoked is back.
   */
  readonly keepDecisions?: boolean;
}

/**
 * Shuts a node out for good; one that is out already stays so. Throws StatusError PERMISSION_DENIED
 * ("not-an-operator", "senior-operator"), FAILED_PRECONDITION ("founder", "oneself") and NOT_FOUND ("no-such-member").
 */
export function revoke(by: Decider, node: NodeId, options: RevokeOptions = {}): MemberRow {
  const { membership, identity, clock } = by;
  requireOperator(by, "revoke a node");
  if (membership.isRevoked(node)) return rowOf(membership, node);
  requireJunior(by, node, "revoke");
  if (!membership.isMember(node)) throw noSuchMember();
  const value = { node: nodeIdToBytes(node), reason: requireLabel("reason", options.reason ?? "", 256) };
  membership.issue([
    // First what stays, so that nobody is out for a moment where the entries arrive one by one.
    ...(options.keepDecisions === false ? [] : takeOver(membership, identity, node)),
    signEntry(membership.mesh, identity, clock.now(), { case: "revocation", value }),
  ]);
  return rowOf(membership, node);
}

/**
 * Makes a member an operator, or takes it back; what the operator decided until then stays, as this operator's word.
 * Throws StatusError PERMISSION_DENIED ("not-an-operator", "senior-operator"), FAILED_PRECONDITION
 * ("founder", "oneself", "senior-word": a more senior operator has decided otherwise) and NOT_FOUND ("no-such-member").
 */
export function appoint(by: Decider, node: NodeId, operator: boolean): MemberRow {
  const { membership, identity, clock } = by;
  requireOperator(by, operator ? "appoint an operator" : "take an operator's office");
  if (!membership.isMember(node)) throw noSuchMember();
  if (membership.isOperator(node) === operator) return rowOf(membership, node);
  requireJunior(by, node, "take the office of");
  const word = membership.standing.appointments.get(node);
  if (word !== undefined && seniority(membership, word.signer) < seniority(membership, identity.nodeId)) {
    throw precondition(
      `an operator of higher standing has decided that this node is ${operator ? "no" : "an"} operator`,
      "senior-word",
      "ask that operator, or the founder",
    );
  }
  // A clock that was set back must not make the newer word the older one.
  const issuedAt = Math.max(clock.now(), lastWordOn(membership, identity.nodeId, node) + 1);
  const value = { node: nodeIdToBytes(node), operator };
  membership.issue([
    ...(operator ? [] : takeOver(membership, identity, node)),
    signEntry(membership.mesh, identity, issuedAt, { case: "appointment", value }),
  ]);
  return rowOf(membership, node);
}

/** Throws StatusError PERMISSION_DENIED ("not-an-operator") unless this node is one. */
export function requireOperator({ membership, identity }: Decider, what: string): void {
  if (membership.isOperator(identity.nodeId)) return;
  throw new StatusError(StatusCode.PERMISSION_DENIED, `only an operator can ${what}, and this node is none`, {
    reason: "not-an-operator",
    hint: 'do it on an operator\'s node ("clawmatrix members" shows which), or have this node made one',
  });
}

function requireJunior({ membership, identity }: Decider, node: NodeId, what: string): void {
  if (membership.isFounder(node)) {
    throw precondition(`nobody can ${what} the founder: every chain of signatures ends at it`, "founder");
  }
  if (node === identity.nodeId) {
    throw precondition(`a node cannot ${what} itself`, "oneself", "do it on another operator's node");
  }
  if (seniority(membership, node) < seniority(membership, identity.nodeId)) {
    throw new StatusError(
      StatusCode.PERMISSION_DENIED,
      `this node cannot ${what} an operator of higher standing than its own`,
      { reason: "senior-operator", hint: "do it on the node of the founder, or of a more senior operator" },
    );
  }
}

/** Lower is senior; who is no operator has the least. */
function seniority(membership: Membership, node: NodeId): number {
  return membership.standing.operators.get(node) ?? Number.POSITIVE_INFINITY;
}

function lastWordOn(membership: Membership, operator: NodeId, node: NodeId): number {
  let last = 0;
  for (const { signer, issuedAt, decision } of membership.decisions()) {
    if (signer === operator && decision.kind === "appointment" && decision.node === node) {
      last = Math.max(last, issuedAt);
    }
  }
  return last;
}

function rowOf(membership: Membership, node: NodeId): MemberRow {
  const row = membership.member(node);
  if (row === undefined) throw noSuchMember();
  return row;
}

function noSuchMember(): StatusError {
  return new StatusError(StatusCode.NOT_FOUND, "no member of this mesh has this node id", {
    reason: "no-such-member",
    hint: '"clawmatrix members" lists them',
  });
}
