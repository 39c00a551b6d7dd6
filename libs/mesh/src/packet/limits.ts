import { PacketLimit } from "@clawmatrix/protocol";

/** The longest payload of a packet, in bytes; both sides of every link rely on it. */
export const MAX_PAYLOAD_BYTES: number = PacketLimit.MAX_PAYLOAD_BYTES;

/** A packet's header, in bytes. */
export const HEADER_BYTES = 36;

/** An entry of a batch without an inner payload: the header and the payload's length, in bytes. */
export const ENTRY_BYTES = HEADER_BYTES + 4;

/** What a batch adds to its entries: the length in front and the tag behind the sealed part, in bytes. */
export const BATCH_OVERHEAD_BYTES = 4 + 16;

/** Where a batch is full, in bytes on the wire, unless a single packet is larger. */
export const BATCH_BYTES = 64 * 1024;

/** The longest batch: a single packet with the longest payload. Longer messages close the link. */
export const MAX_BATCH_BYTES = BATCH_OVERHEAD_BYTES + ENTRY_BYTES + MAX_PAYLOAD_BYTES;

/** How many links a packet may cross. */
export const INITIAL_HOP_LIMIT = 16;
