import { createHash } from "node:crypto";
import {
  type Identity,
  NODE_ID_BYTES,
  type NodeId,
  nodeIdFromBytes,
  nodeIdToBytes,
  SIGNING_KEY_BYTES,
  type SigningKeys,
  signParts,
  type VerifyingKey,
  verifyParts,
} from "@clawmatrix/identity";
import { type SignedVoucherInit, Voucher as VoucherMessage } from "@clawmatrix/protocol";
import { requireLabel } from "./label.ts";
import { LATEST_TIME_MS } from "./latest-time.ts";
import type { Mesh } from "./mesh.ts";
import { malformed } from "./refusal.ts";

const VOUCHER_ID_BYTES = 16;

/** The right to admit one node, as an operator gave it. */
export interface Voucher {
  /** Hex, 32 characters. */
  readonly id: string;
  readonly body: Uint8Array;
  /** The inviter's, over `body`. */
  readonly signature: Uint8Array;
  readonly meshId: Uint8Array;
  readonly inviter: NodeId;
  /** Ed25519 public key of whoever holds the invitation. */
  readonly key: Uint8Array;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** The name proposed for the node; may be empty. */
  readonly name: string;
}

/** Reads a voucher. Throws StatusError INVALID_ARGUMENT for bytes of another shape; checks no signature. */
export function readVoucher(signed: SignedVoucherInit): Voucher {
  const body = signed.voucher ?? new Uint8Array(0);
  const message = VoucherMessage.decode(body);
  if (message.inviter.length !== NODE_ID_BYTES || message.key.length !== SIGNING_KEY_BYTES) {
    throw malformed("the voucher is malformed", "voucher-malformed");
  }
  if (message.expiresAtUnixMs > BigInt(LATEST_TIME_MS)) {
    throw malformed("the voucher's expiry is out of range", "voucher-malformed");
  }
  return {
    id: voucherId(body).toString("hex"),
    body,
    signature: signed.signature ?? new Uint8Array(0),
    meshId: message.meshId,
    inviter: nodeIdFromBytes(message.inviter),
    key: message.key,
    expiresAt: Number(message.expiresAtUnixMs),
    name: requireLabel("name", message.name),
  };
}

export interface VoucherTerms {
  /** Ed25519 public key; who has its seed can use the voucher. */
  readonly key: Uint8Array;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** The name proposed for the node; may be empty. */
  readonly name: string;
}

/** A voucher signed by `inviter`, which has to be an operator for it to be worth anything. */
export function makeVoucher(mesh: Mesh, inviter: Identity, terms: VoucherTerms): Voucher {
  const body = VoucherMessage.encode({
    meshId: mesh.id,
    inviter: nodeIdToBytes(inviter.nodeId),
    key: terms.key,
    expiresAtUnixMs: BigInt(terms.expiresAt),
    name: terms.name,
  });
  return readVoucher({ voucher: body, signature: signParts(inviter.signing, "clawmatrix voucher 1", body) });
}

/** Whether the inviter, whose signing key this is, signed the voucher. */
export function isSignedByInviter(voucher: Voucher, inviterKey: Uint8Array | VerifyingKey): boolean {
  return verifyParts(inviterKey, "clawmatrix voucher 1", voucher.signature, voucher.body);
}

/** Proves that who holds the voucher's secret key uses it for `node`, and for no other. */
export function proveVoucherUse(voucher: Voucher, keys: SigningKeys, node: NodeId): Uint8Array {
  return signParts(keys, "clawmatrix voucher use 1", voucherId(voucher.body), nodeIdToBytes(node));
}

export function isVoucherUse(voucher: Voucher, proof: Uint8Array, node: NodeId): boolean {
  const id = voucherId(voucher.body);
  return verifyParts(voucher.key, "clawmatrix voucher use 1", proof, id, nodeIdToBytes(node));
}

function voucherId(body: Uint8Array): Buffer {
  return createHash("sha256").update(body).digest().subarray(0, VOUCHER_ID_BYTES);
}
