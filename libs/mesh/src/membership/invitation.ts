import { silentLogger } from "@clawmatrix/environment";
import {
  type Identity,
  MeshSecret,
  NODE_ID_BYTES,
  type NodeId,
  nodeIdFromBytes,
  nodeIdToBytes,
  SigningKeys,
} from "@clawmatrix/identity";
import { Invitation as InvitationMessage, SignedEntry } from "@clawmatrix/protocol";
import { publicKeysOf } from "./decisions.ts";
import { readInvitationText, writeInvitationText } from "./invitation-text.ts";
import { requireLabel } from "./label.ts";
import { Membership } from "./membership.ts";
import { type Mesh, meshOf } from "./mesh.ts";
import { malformed, precondition } from "./refusal.ts";
import { signEntry } from "./sign-entry.ts";
import { isSignedByInviter, proveVoucherUse, readVoucher, type Voucher } from "./voucher.ts";

/** The most addresses that an invitation names. */
export const MAX_INVITATION_ADDRESSES = 16;
/** The longest of them, in characters. */
export const MAX_ADDRESS_CHARACTERS = 256;
/** The most entries that show the inviter to be an operator. */
const MAX_CHAIN_ENTRIES = 64;

export interface InvitationContents {
  /** Where to connect, best first. */
  readonly addresses: readonly string[];
  readonly secret: MeshSecret;
  readonly mesh: Mesh;
  readonly voucher: Voucher;
  /** Of the voucher's key. */
  readonly voucherKeys: SigningKeys;
  /** The entries (bytes of `SignedEntry`) that show the inviter to be an operator. */
  readonly chain: readonly Uint8Array[];
}

/**
 * The right to enter a mesh once, with all that it takes. What is secret of it (mesh secret, voucher key, the text) shows
 * up in no log, error or JSON.
 */
export class Invitation {
  readonly addresses: readonly string[];
  readonly mesh: Mesh;
  readonly inviter: NodeId;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** The name that the inviter proposes; may be empty. */
  readonly proposedName: string;
  /** What to begin the membership of the new node with: shows that the inviter is an operator. */
  readonly chain: readonly Uint8Array[];
  readonly #contents: InvitationContents;

  constructor(contents: InvitationContents) {
    this.#contents = contents;
    this.addresses = contents.addresses;
    this.mesh = contents.mesh;
    this.inviter = contents.voucher.inviter;
    this.expiresAt = contents.voucher.expiresAt;
    this.proposedName = contents.voucher.name;
    this.chain = contents.chain;
  }

  /** To be kept by the new node: without it no link comes up. */
  get secret(): MeshSecret {
    return this.#contents.secret;
  }

  hasExpired(now: number): boolean {
    return now > this.expiresAt;
  }

  /** The one line that people copy: a secret. */
  revealText(): string {
    const { secret, voucher, voucherKeys } = this.#contents;
    return writeInvitationText(
      InvitationMessage.encode({
        addresses: [...this.addresses],
        meshSecret: secret.reveal(),
        founder: this.mesh.founder,
        inviter: nodeIdToBytes(this.inviter),
        voucher: { voucher: voucher.body, signature: voucher.signature },
        voucherSeed: voucherKeys.revealSeed(),
        chain: this.chain.map((bytes) => SignedEntry.decode(bytes)),
      }),
    );
  }

  /**
   * The admission of `identity` to the mesh, signed by itself: bytes of a `SignedEntry`, to be brought along with
   * `RequestAdmission`. `name`: empty for the proposed one. `now`: milliseconds since 1970. Throws StatusError
   * FAILED_PRECONDITION ("invitation-expired").
   */
  use(identity: Identity, name: string, now: number): Uint8Array {
    if (this.hasExpired(now)) {
      throw precondition(
        `the invitation was good until ${new Date(this.expiresAt).toISOString()}`,
        "invitation-expired",
        "ask for a new one, or join and let an operator approve",
      );
    }
    const { voucher, voucherKeys } = this.#contents;
    const value = {
      node: publicKeysOf(identity),
      name: requireLabel("name", name === "" ? this.proposedName : name),
      voucher: { voucher: voucher.body, signature: voucher.signature },
      voucherProof: proveVoucherUse(voucher, voucherKeys, identity.nodeId),
    };
    return signEntry(this.mesh, identity, now, { case: "admission", value });
  }

  /** What may be shown. */
  toJSON(): { readonly inviter: NodeId; readonly expiresAt: number } {
    return { inviter: this.inviter, expiresAt: this.expiresAt };
  }
}

/**
 * Reads an invitation as a person pasted it. Throws StatusError INVALID_ARGUMENT: the reasons of `readInvitationText`, and
 * "invitation-invalid" for one that is intact but was not made by an operator of its mesh. No error repeats any of it.
 */
export function parseInvitation(text: string): Invitation {
  const bytes = readInvitationText(text);
  try {
    return readInvitation(bytes);
  } catch {
    // The cause is left out: what it says about the bytes, it says about secrets.
    throw malformed(
      "the invitation is intact, but it is not one that an operator of its mesh made",
      "invitation-invalid",
      'ask for a new one ("clawmatrix invite")',
    );
  }
}

function readInvitation(bytes: Uint8Array): Invitation {
  const message = InvitationMessage.decode(bytes);
  const { founder, voucher: signedVoucher, chain, addresses } = message;
  if (founder === undefined || signedVoucher === undefined) throw incomplete();
  if (addresses.length > MAX_INVITATION_ADDRESSES || chain.length > MAX_CHAIN_ENTRIES) throw incomplete();
  for (const address of addresses) requireLabel("address", address, MAX_ADDRESS_CHARACTERS);
  const secret = MeshSecret.fromBytes(message.meshSecret);
  const mesh = meshOf(secret, founder);
  const voucher = readVoucher(signedVoucher);
  const voucherKeys = SigningKeys.fromSeed(message.voucherSeed);
  const invitation = new Invitation({
    addresses,
    secret,
    mesh,
    voucher,
    voucherKeys,
    chain: chain.map((entry) => SignedEntry.encode(entry)),
  });
  const fits =
    equal(voucher.meshId, mesh.id) &&
    equal(voucher.key, voucherKeys.publicKey) &&
    message.inviter.length === NODE_ID_BYTES &&
    nodeIdFromBytes(message.inviter) === voucher.inviter;
  if (!fits || !isFromOperator(invitation, voucher)) throw incomplete();
  return invitation;
}

function isFromOperator({ mesh, chain }: Invitation, voucher: Voucher): boolean {
  const membership = new Membership({ mesh, entries: chain, logger: silentLogger });
  const key = membership.keyOf(voucher.inviter);
  return membership.isOperator(voucher.inviter) && key !== undefined && isSignedByInviter(voucher, key);
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function incomplete(): Error {
  return malformed("the invitation's parts do not fit each other", "invitation-invalid");
}
