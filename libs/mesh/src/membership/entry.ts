import { createHash } from "node:crypto";
import { NODE_ID_BYTES, type NodeId, nodeIdFromBytes, nodeIdFromKeys } from "@clawmatrix/identity";
import { MembershipEntry, type NodeKeys, SignedEntry } from "@clawmatrix/protocol";
import { requireLabel } from "./label.ts";
import { LATEST_TIME_MS } from "./latest-time.ts";
import type { Mesh, PublicKeys } from "./mesh.ts";
import { malformed } from "./refusal.ts";
import { readVoucher, type Voucher } from "./voucher.ts";

/** The longest signed entry, in bytes. A real one has 150 to 500; the rest is room for fields of newer versions. */
export const MAX_ENTRY_BYTES = 4096;
/** Bytes of an entry's id. */
export const ENTRY_ID_BYTES = 16;
/** Characters of the reason of a revocation: a sentence or two. */
const MAX_REASON_CHARACTERS = 256;

/** A membership entry, decoded. Nothing about it is verified but its shape and its mesh. */
export interface Entry {
  /** Hex, 32 characters. */
  readonly id: string;
  /** The bytes of the `SignedEntry`, as they came. */
  readonly bytes: Uint8Array;
  /** What the signature is over. */
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
  /** Milliseconds since 1970, by the signer's clock. */
  readonly issuedAt: number;
  readonly signer: NodeId;
  /** The operator whose word it is: the signer, or, of an admission by voucher, the inviter. */
  readonly operator: NodeId;
  readonly decision: Decision;
}

type Decision =
  | { readonly kind: "founding"; readonly keys: PublicKeys; readonly name: string }
  | AdmissionDecision
  | { readonly kind: "revocation"; readonly node: NodeId; readonly reason: string }
  | AppointmentDecision
  /** Of a newer version: kept and spread, without effect here. */
  | { readonly kind: "unknown" };

export interface AdmissionDecision {
  readonly kind: "admission";
  readonly node: NodeId;
  readonly keys: PublicKeys;
  readonly name: string;
  readonly voucher?: { readonly voucher: Voucher; readonly proof: Uint8Array };
}

export interface AppointmentDecision {
  readonly kind: "appointment";
  readonly node: NodeId;
  readonly operator: boolean;
}

/**
 * Reads the bytes of a `SignedEntry` of this mesh. Throws StatusError INVALID_ARGUMENT with a reason of its own for
 * each way in which it can be wrong: "entry-too-large", "malformed-frame", "entry-malformed", "other-mesh".
 */
export function readEntry(signed: Uint8Array, mesh: Mesh): Entry {
  if (signed.length > MAX_ENTRY_BYTES) {
    throw malformed(`a membership entry has at most ${MAX_ENTRY_BYTES} bytes`, "entry-too-large");
  }
  // A copy: decoders give views, and the buffer of a packet would otherwise live as long as the entry.
  const bytes = Uint8Array.from(signed);
  const { entry: body, signature } = SignedEntry.decode(bytes);
  const message = MembershipEntry.decode(body);
  if (Buffer.compare(message.meshId, mesh.id) !== 0) {
    throw malformed("the membership entry belongs to another mesh", "other-mesh");
  }
  if (message.issuedAtUnixMs > BigInt(LATEST_TIME_MS)) throw entryMalformed("its time is out of range");
  const signer = readNodeId(message.signer);
  const decision = readDecision(message, signer);
  const voucher = decision.kind === "admission" ? decision.voucher?.voucher : undefined;
  if (voucher !== undefined) {
    if (Buffer.compare(voucher.meshId, mesh.id) !== 0) {
      throw malformed("the voucher belongs to another mesh", "other-mesh");
    }
    if (decision.kind === "admission" && decision.node !== signer) {
      throw entryMalformed("an admission by voucher is signed by the node itself");
    }
  }
  return {
    id: entryId(body),
    bytes,
    body,
    signature,
    issuedAt: Number(message.issuedAtUnixMs),
    signer,
    operator: voucher?.inviter ?? signer,
    decision,
  };
}

function readDecision({ decision }: MembershipEntry, signer: NodeId): Decision {
  switch (decision.case) {
    case "founding": {
      const { node, keys } = readKeys(decision.value.founder);
      if (node !== signer) throw entryMalformed("a founding is signed by the founder");
      return { kind: "founding", keys, name: requireLabel("name", decision.value.name) };
    }
    case "admission": {
      const { node, keys } = readKeys(decision.value.node);
      const name = requireLabel("name", decision.value.name);
      const { voucher, voucherProof } = decision.value;
      if (voucher === undefined) return { kind: "admission", node, keys, name };
      const use = { voucher: readVoucher(voucher), proof: voucherProof };
      return { kind: "admission", node, keys, name, voucher: use };
    }
    case "revocation": {
      const reason = requireLabel("reason", decision.value.reason, MAX_REASON_CHARACTERS);
      return { kind: "revocation", node: readNodeId(decision.value.node), reason };
    }
    case "appointment":
      return {
        kind: "appointment",
        node: readNodeId(decision.value.node),
        operator: decision.value.operator,
      };
    default:
      return { kind: "unknown" };
  }
}

function readKeys(keys: NodeKeys | undefined): { readonly node: NodeId; readonly keys: PublicKeys } {
  if (keys === undefined) throw entryMalformed("it names no keys");
  return { node: nodeIdFromKeys(keys.signingKey, keys.agreementKey), keys };
}

function readNodeId(bytes: Uint8Array): NodeId {
  if (bytes.length !== NODE_ID_BYTES) throw entryMalformed(`a node id has ${NODE_ID_BYTES} bytes`);
  return nodeIdFromBytes(bytes);
}

/** The id of an entry: hex of the first 16 bytes of SHA-256 over the signed bytes. */
function entryId(body: Uint8Array): string {
  return createHash("sha256")
    .update(body)
    .digest("hex")
    .slice(0, 2 * ENTRY_ID_BYTES);
}

function entryMalformed(why: string): Error {
  return malformed(`the membership entry is malformed: ${why}`, "entry-malformed");
}
