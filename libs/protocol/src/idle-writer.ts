import { EMPTY_BYTES } from "./empty-bytes.ts";
import { FrameWriter } from "./frame-writer.ts";

/** Room that `encode` fills message after message; one that is kept keeps at most this much memory from being freed. */
const SLAB_BYTES = 8192;

/** With less than this left a new slab is begun, so that few messages grow in mid-writing. */
const SLAB_REST_BYTES = 1024;

/**
 * The writer that `encode` uses, message after message. It is taken out while a message is written, so that one that is
 * encoded within another (by a getter) has its own. The only effect of keeping it is that memory is used again.
 */
let idle: FrameWriter | undefined;

/** A writer to encode one message with: from its `position` on. */
export function idleWriter(): FrameWriter {
  const writer = idle ?? new FrameWriter(SLAB_BYTES);
  idle = undefined;
  return writer;
}

/** The bytes of the message that begins at `start`, never written to again; gives the writer back for the next one. */
export function release(writer: FrameWriter, start: number): Uint8Array {
  if (writer.position === start) {
    idle = writer;
    return EMPTY_BYTES;
  }
  const message = writer.bytes.subarray(start, writer.position);
  if (writer.position + SLAB_REST_BYTES > SLAB_BYTES) {
    writer.bytes = new Uint8Array(SLAB_BYTES);
    writer.position = 0;
  }
  idle = writer;
  return message;
}
