/** Smaller memory is not worth the call. */
const WORTH_BYTES = 16 * 1024;

/**
 * Frees the memory of large bytes that nobody looks at any more, without waiting for the collector: V8 counts what lies
 * outside its heap, and collects the whole heap each time some 64 MiB of it have come together, which at full speed is
 * several times a second. Bytes that share their memory with others are left alone.
 */
export function freeAtOnce({ buffer, byteLength }: Uint8Array): void {
  if (byteLength < WORTH_BYTES || byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer))
    return;
  buffer.transfer(0);
}
