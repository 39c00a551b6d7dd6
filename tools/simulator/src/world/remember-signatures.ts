import crypto, { type KeyObject } from "node:crypto";
import { syncBuiltinESMExports } from "node:module";

/** Signatures, and keys, that are remembered: every record of a large mesh, in a few versions. */
const MOST_REMEMBERED = 100_000;
/** How the DER of an Ed25519 public key begins (RFC 8410). */
const ED25519_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

interface Verified {
  readonly key: KeyObject;
  readonly message: Buffer;
  readonly holds: boolean;
}

/**
 * Lets this process check each signature once: in a simulation a thousand nodes check the same ones, each for itself,
 * which is most of the time that a large mesh takes. The answers are the same, as they depend on nothing else.
 */
export function rememberSignatures(): void {
  Object.assign(crypto, {
    createPublicKey: rememberingKeys(crypto.createPublicKey as Importing),
    verify: rememberingAnswers(crypto.verify as unknown as Verifying),
  });
  syncBuiltinESMExports();
}

type Importing = (input: unknown) => KeyObject;
type Verifying = (algorithm: unknown, data: Uint8Array, key: KeyObject, signature: Uint8Array) => boolean;

/** Of one key there is one object, so that keys can be compared as objects. */
function rememberingKeys(createPublicKey: Importing): Importing {
  const keys = new Map<string, KeyObject>();
  return (input) => {
    const der = (input as { readonly key?: unknown }).key;
    if (!Buffer.isBuffer(der) || !der.subarray(0, ED25519_PREFIX.length).equals(ED25519_PREFIX)) {
      return createPublicKey(input);
    }
    const name = der.toString("latin1");
    const key = keys.get(name) ?? createPublicKey(input);
    if (keys.size < MOST_REMEMBERED) keys.set(name, key);
    return key;
  };
}

function rememberingAnswers(verify: Verifying): Verifying {
  const answers = new Map<string, Verified>();
  return (algorithm, data, key, signature) => {
    const name = Buffer.from(signature).toString("latin1");
    const known = answers.get(name);
    if (known?.key === key && Buffer.compare(known.message, data) === 0) return known.holds;
    const holds = verify(algorithm, data, key, signature);
    if (answers.size >= MOST_REMEMBERED) answers.clear();
    answers.set(name, { key, message: Buffer.from(data), holds });
    return holds;
  };
}
