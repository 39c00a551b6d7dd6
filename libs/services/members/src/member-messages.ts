import { type NodeId, nodeIdToBytes } from "@clawmatrix/identity";
import type { KeptEntry, MemberRow } from "@clawmatrix/mesh";
import {
  type MemberInit,
  MemberRole,
  MemberState,
  type PendingMemberInit,
  SignedEntry,
  type SignedEntryInit,
} from "@clawmatrix/protocol";
import type { PendingRequest } from "./pending-requests.ts";

const ROLES: Readonly<Record<MemberRow["role"], MemberRole>> = {
  founder: MemberRole.FOUNDER,
  operator: MemberRole.OPERATOR,
  member: MemberRole.MEMBER,
};

export function memberMessage({ id, name, role, state, since, by }: MemberRow): MemberInit {
  return {
    id: nodeIdToBytes(id),
    name,
    role: ROLES[role],
    state: state === "revoked" ? MemberState.REVOKED : MemberState.ADMITTED,
    sinceUnixMs: BigInt(since),
    by: nodeIdToBytes(by),
  };
}

/** A node that waits, as a row among the members; nobody has decided yet, so `via` is the node that it asked. */
export function pendingAsMember({ node, name, since }: PendingRequest, via: NodeId): MemberInit {
  return {
    id: nodeIdToBytes(node),
    name,
    role: MemberRole.MEMBER,
    state: MemberState.PENDING,
    sinceUnixMs: BigInt(since),
    by: nodeIdToBytes(via),
  };
}

export function pendingMessage(request: PendingRequest, via: NodeId): PendingMemberInit {
  return {
    id: nodeIdToBytes(request.node),
    keys: request.keys,
    name: request.name,
    address: request.address,
    sinceUnixMs: BigInt(request.since),
    via: nodeIdToBytes(via),
    reason: request.reason,
  };
}

/** The most bytes of entries in one message, so that no frame is large however many members there are. */
const ENTRIES_PER_MESSAGE_BYTES = 48 * 1024;

/** The entries in pieces that each fit well into a frame; at least one piece. */
export function* entryMessages(entries: Iterable<KeptEntry>): Generator<SignedEntryInit[]> {
  let piece: SignedEntryInit[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (bytes + entry.bytes.length > ENTRIES_PER_MESSAGE_BYTES && piece.length > 0) {
      yield piece;
      piece = [];
      bytes = 0;
    }
    piece.push(SignedEntry.decode(entry.bytes));
    bytes += entry.bytes.length;
  }
  yield piece;
}
