import { hash } from "node:crypto";
import {
  type Identity,
  NODE_ID_BYTES,
  type NodeId,
  nodeIdFromBytes,
  nodeIdFromKeys,
  nodeIdToBytes,
  signParts,
  verifyParts,
} from "@clawmatrix/identity";
import {
  NodeRecord,
  type NodeRecordInit,
  SignedRecord,
  type SignedRecordInit,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";

/** A record whose signature holds, or that this node has stored. */
export interface KeptRecord {
  readonly nodeId: NodeId;
  readonly version: bigint;
  readonly record: NodeRecord;
  /** What the node says its links cost, in µs, by neighbour. Those with what is no node id are left out. */
  readonly links: ReadonlyMap<NodeId, number>;
  /** The bytes of the `SignedRecord`, as they came. */
  readonly bytes: Uint8Array;
  /** The same, ready to be passed on. */
  readonly signed: SignedRecord;
  /** Node and version in one hash, as summaries have it: the first 16 bytes of SHA-256(node id, version). */
  readonly digest: Uint8Array;
}

/** A record read, but not verified yet: whether it is worth that is decided in between. */
export interface ReadRecord {
  /** What it is if it is verified. */
  readonly kept: KeptRecord;
  /** Whether its node has signed it: some 100 µs. */
  verify(): boolean;
}

/** Reads a record as it came. Throws StatusError INVALID_ARGUMENT where its bytes are no record. */
export type RecordReader = (signed: SignedRecord) => ReadRecord;

/** The longest record taken, in bytes with its signature: offers have 16 KiB at most, 1,000 links some 24 KiB. */
export const MAX_RECORD_BYTES = 64 * 1024;
export const DIGEST_BYTES = 16;

/** Signs a record of this node. */
export function signRecord(identity: Identity, init: NodeRecordInit): KeptRecord {
  const bytes = NodeRecord.encode(init);
  const signature = signParts(identity.signing, "clawmatrix record 1", bytes);
  const record = NodeRecord.decode(bytes);
  return keptRecord(identity.nodeId, record, ownCopy({ record: bytes, signature }));
}

export const readRecord: RecordReader = (signed) => {
  if (signed.record.length > MAX_RECORD_BYTES) {
    throw new StatusError(StatusCode.INVALID_ARGUMENT, "a record is larger than allowed", {
      reason: "bad-record",
    });
  }
  const bytes = ownCopy(signed);
  const own = SignedRecord.decode(bytes);
  const record = NodeRecord.decode(own.record);
  return {
    kept: keptRecord(nodeIdFromKeys(record.signingKey, record.agreementKey), record, bytes, own),
    verify: () => verifyParts(record.signingKey, "clawmatrix record 1", own.signature, own.record),
  };
};

/** Reads a record that this node itself has stored, after it was verified. Throws as `readRecord`. */
export function readStoredRecord(bytes: Uint8Array): KeptRecord {
  return readRecord(SignedRecord.decode(bytes)).kept;
}

/** In memory of its own: a small record must not keep the batch that brought it, or what else was encoded with it. */
function ownCopy(signed: SignedRecordInit): Uint8Array {
  return new Uint8Array(SignedRecord.encode(signed));
}

function keptRecord(
  nodeId: NodeId,
  record: NodeRecord,
  bytes: Uint8Array,
  signed = SignedRecord.decode(bytes),
): KeptRecord {
  const { version } = record;
  const input = new Uint8Array(NODE_ID_BYTES + 8);
  nodeIdToBytes(nodeId, input);
  new DataView(input.buffer).setBigUint64(NODE_ID_BYTES, version);
  const digest = Uint8Array.from(hash("sha256", input, "buffer").subarray(0, DIGEST_BYTES));
  return { nodeId, version, record, links: linksOf(record), bytes, signed, digest };
}

function linksOf(record: NodeRecord): Map<NodeId, number> {
  const links = new Map<NodeId, number>();
  for (const { peer, costUs } of record.links) {
    if (peer.length === NODE_ID_BYTES) links.set(nodeIdFromBytes(peer), costUs);
  }
  return links;
}
