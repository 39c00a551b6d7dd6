export { AGREEMENT_KEY_BYTES, AgreementKeys } from "./agreement-keys.ts";
export type { HelloClaim } from "./hello-binding.ts";
export { checkHello, signHello } from "./hello-binding.ts";
export { Identity } from "./identity.ts";
export { deriveKey } from "./key-derivation.ts";
export { MESH_ID_BYTES, MESH_SECRET_BYTES, MeshSecret } from "./mesh-secret.ts";
export type { NodeId } from "./node-id.ts";
export {
  formatNodeId,
  isNodeId,
  matchesNodeIdPrefix,
  NODE_ID_BYTES,
  NODE_ID_CHARACTERS,
  nodeIdFromBytes,
  nodeIdFromKeys,
  nodeIdToBytes,
  parseNodeId,
} from "./node-id.ts";
export { CipherState } from "./noise/cipher-state.ts";
export type { HandshakeOptions, HandshakeRole, SessionKeys } from "./noise/handshake-state.ts";
export { HandshakeState, MAX_NOISE_MESSAGE_BYTES } from "./noise/handshake-state.ts";
export type { HandshakePattern, Token } from "./noise/patterns.ts";
export { NOISE_XX, NOISE_XX_PSK3 } from "./noise/patterns.ts";
export type { SealedParts, SealKey } from "./sealing.ts";
export {
  HIGHEST_SEAL_COUNTER,
  nextKey,
  open,
  openInto,
  SEAL_KEY_BYTES,
  SEAL_TAG_BYTES,
  seal,
  sealInto,
  sealParts,
} from "./sealing.ts";
export type { SignatureContext } from "./signatures.ts";
export { signParts, verifyParts } from "./signatures.ts";
export { SIGNATURE_BYTES, SIGNING_KEY_BYTES, SigningKeys, VerifyingKey } from "./signing-keys.ts";
export { MAX_SMALL_BOX_BYTES, openSmall, SMALL_BOX_OVERHEAD_BYTES, sealSmall } from "./small-box.ts";
