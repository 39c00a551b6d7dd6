import { type SigningKeys, VerifyingKey } from "./signing-keys.ts";

/**
 * What a signature is for. Every signature is over one of these and then the parts, one after the other, so that
 * none can be passed off as one of another kind.
 */
export type SignatureContext =
  | "clawmatrix hello 1"
  | "clawmatrix record 1"
  | "clawmatrix membership 1"
  | "clawmatrix voucher 1"
  | "clawmatrix voucher use 1";

/** The 64 bytes of the signature over `context` and `parts`. All parts but one have a fixed length. */
export function signParts(
  keys: SigningKeys,
  context: SignatureContext,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  return keys.sign(join(context, parts));
}

/** Whether `signature` is that of `signParts`. A key of 32 bytes is imported anew each time; pass a VerifyingKey to keep it. */
export function verifyParts(
  key: Uint8Array | VerifyingKey,
  context: SignatureContext,
  signature: Uint8Array,
  ...parts: readonly Uint8Array[]
): boolean {
  const verifying = key instanceof VerifyingKey ? key : new VerifyingKey(key);
  return verifying.verify(join(context, parts), signature);
}

function join(context: SignatureContext, parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Buffer.from(context, "latin1"), ...parts]);
}
