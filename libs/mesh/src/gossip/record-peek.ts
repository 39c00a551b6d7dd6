/** How a record begins: field 1 and field 2 with a key of 32 bytes each, then field 3, the version. */
const SIGNING_KEY_AT = 2;
const AGREEMENT_KEY_AT = 36;
const KEY_BYTES = 32;
const VERSION_AT = 69;
const SIGNING_KEY_TAG = 0x0a;
const AGREEMENT_KEY_TAG = 0x12;
const VERSION_TAG = 0x18;
/** Of a version's varint: seven bits each, so that it stays below 2^49 and a number holds it. */
const MOST_VERSION_BYTES = 7;

/** What can be seen of a record without decoding it. */
export interface RecordPeek {
  /** Where its Ed25519 key begins in its bytes. */
  readonly signingKeyAt: number;
  readonly version: number;
}

/**
 * Looks at the beginning of a record's bytes: enough to drop one that is known already. Undefined: it does not
 * begin as protobuf writes it, and has to be decoded.
 */
export function peekRecord(record: Uint8Array): RecordPeek | undefined {
  if (
    record[0] !== SIGNING_KEY_TAG ||
    record[SIGNING_KEY_AT - 1] !== KEY_BYTES ||
    record[SIGNING_KEY_AT + KEY_BYTES] !== AGREEMENT_KEY_TAG ||
    record[AGREEMENT_KEY_AT - 1] !== KEY_BYTES ||
    record[VERSION_AT - 1] !== VERSION_TAG
  ) {
    return undefined;
  }
  let version = 0;
  let scale = 1;
  for (let at = VERSION_AT; at < VERSION_AT + MOST_VERSION_BYTES; at++) {
    const byte = record[at];
    if (byte === undefined) return undefined;
    version += (byte & 0x7f) * scale;
    if (byte < 0x80) return { signingKeyAt: SIGNING_KEY_AT, version };
    scale *= 0x80;
  }
  return undefined;
}
