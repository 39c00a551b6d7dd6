/** What a field of type bytes is until it is set, and an empty message. It has no room that anybody could write to. */
export const EMPTY_BYTES = new Uint8Array(0);
