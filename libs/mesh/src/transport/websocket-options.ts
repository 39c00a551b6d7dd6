import { MAX_BATCH_BYTES } from "../packet/limits.ts";

/** How both ends of every link use `ws`. */
export const SOCKET_OPTIONS = {
  // What links carry is sealed: it does not compress.
  perMessageDeflate: false,
  // No text is ever sent.
  skipUTF8Validation: true,
  maxPayload: MAX_BATCH_BYTES,
  // One batch is one message in one fragment; more are only accepted for peers in other languages.
  maxFragments: 64,
  // Milliseconds that the other side has to confirm a close; then the socket is destroyed.
  closeTimeout: 2_000,
} as const;
