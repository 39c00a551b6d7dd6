import type { Random } from "@clawmatrix/environment";
import { type MeshSecret, type NodeId, SigningKeys } from "@clawmatrix/identity";
import { type Decider, requireOperator } from "./decisions.ts";
import type { Entry } from "./entry.ts";
import { Invitation, MAX_ADDRESS_CHARACTERS, MAX_INVITATION_ADDRESSES } from "./invitation.ts";
import { requireLabel } from "./label.ts";
import type { Membership } from "./membership.ts";
import { malformed, precondition } from "./refusal.ts";
import { makeVoucher } from "./voucher.ts";

/** How long an invitation is good for unless its inviter says otherwise, in milliseconds: one hour. */
export const DEFAULT_INVITATION_MS = 3_600_000;
/** The longest that one may be good for, in milliseconds: 30 days. */
export const MAX_INVITATION_MS = 30 * 24 * 3_600_000;

export interface InvitationOptions {
  readonly secret: MeshSecret;
  /** Where the new node finds the mesh, best first: `ws://` and `wss://` addresses. The first 16 are named. */
  readonly addresses: readonly string[];
  /** How long it is good for, in milliseconds. Default: one hour. At most 30 days. */
  readonly expiresInMs?: number;
  /** The name proposed for the new node. Default: none. */
  readonly name?: string;
  /** Makes the voucher's key. */
  readonly random: Random;
}

/**
 * Makes an invitation for one node. Throws StatusError PERMISSION_DENIED ("not-an-operator"), FAILED_PRECONDITION
 * ("no-address") and INVALID_ARGUMENT ("bad-expiry", "bad-label").
 */
export function createInvitation(by: Decider, options: InvitationOptions): Invitation {
  const { membership, identity, clock } = by;
  requireOperator(by, "invite a node");
  const expiresInMs = options.expiresInMs ?? DEFAULT_INVITATION_MS;
  if (!(expiresInMs > 0 && expiresInMs <= MAX_INVITATION_MS)) {
    throw malformed("an invitation is good for 30 days at most", "bad-expiry", "for example: --expires 1h");
  }
  if (options.addresses.length === 0) {
    throw precondition(
      "the new node would not know where to connect: no address is known at which this node can be reached",
      "no-address",
      'set "listen" or "advertise" under [mesh], or connect this node to a relay first',
    );
  }
  for (const address of options.addresses) requireLabel("address", address, MAX_ADDRESS_CHARACTERS);
  const voucherKeys = SigningKeys.generate(options.random);
  const voucher = makeVoucher(membership.mesh, identity, {
    key: voucherKeys.publicKey,
    expiresAt: clock.now() + expiresInMs,
    name: requireLabel("name", options.name ?? ""),
  });
  return new Invitation({
    addresses: options.addresses.slice(0, MAX_INVITATION_ADDRESSES),
    secret: options.secret,
    mesh: membership.mesh,
    voucher,
    voucherKeys,
    chain: chainOf(membership, identity.nodeId).map(({ bytes }) => bytes),
  });
}

/**
 * The entries that show `operator` to be one, each after those that it depends on; none for the founder. Of several
 * ways the earliest is taken, which depends only on entries before it.
 */
function chainOf(membership: Membership, operator: NodeId): Entry[] {
  const needed = new Set<NodeId>([operator]);
  const chain: Entry[] = [];
  // Backwards: when an entry is reached, everything that depends on it has been seen.
  const entries = [...membership.decisions()];
  const first = firstGrounds(entries);
  for (const entry of entries.reverse()) {
    const node = first.get(entry);
    if (node === undefined || !needed.has(node) || membership.isFounder(node)) continue;
    needed.add(entry.operator);
    chain.push(entry);
  }
  return chain.reverse();
}

/** The first admission (it holds the key) and the first appointment of each node. */
function firstGrounds(entries: readonly Entry[]): Map<Entry, NodeId> {
  const seen = new Set<string>();
  const grounds = new Map<Entry, NodeId>();
  for (const entry of entries) {
    const { decision } = entry;
    const isGround = decision.kind === "admission" || (decision.kind === "appointment" && decision.operator);
    if (!isGround || seen.has(`${decision.kind} ${decision.node}`)) continue;
    seen.add(`${decision.kind} ${decision.node}`);
    grounds.set(entry, decision.node);
  }
  return grounds;
}
