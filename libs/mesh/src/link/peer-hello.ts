import { checkHello, type HandshakeRole, type Identity, type NodeId, signHello } from "@clawmatrix/identity";
import { NodeHello, StatusCode, StatusError } from "@clawmatrix/protocol";

/** The protocol versions that this software speaks. */
export const VERSION_MIN = 1;
export const VERSION_MAX = 1;

/** What this node says of itself in every handshake. */
export interface OwnHello {
  readonly identity: Identity;
  /** 16 random bytes, new at every start of the node. */
  readonly bootId: Uint8Array;
  /** At most 64 characters. */
  readonly name: string;
  readonly softwareVersion: string;
  /** How often this node sends heartbeats, in ms. */
  readonly heartbeatMs: number;
}

/** What the peer has said and proved of itself. */
export interface PeerHello {
  readonly nodeId: NodeId;
  /** The highest protocol version that both speak. */
  readonly version: number;
  readonly features: readonly string[];
  /** 16 bytes. */
  readonly bootId: Uint8Array;
  readonly name: string;
  readonly softwareVersion: string;
  /** How often the peer sends heartbeats, in ms; as it says. */
  readonly heartbeatMs: number;
}

/** The longest hello that is read, in bytes. A real one has about 200. */
const MAX_HELLO_BYTES = 4 * 1024;
const BOOT_ID_BYTES = 16;
const MAX_NAME_CHARACTERS = 64;

/** The payload of this node's handshake message. `handshakeHash` is taken before that message is written. */
export function writeHello(own: OwnHello, role: HandshakeRole, handshakeHash: Uint8Array): Uint8Array {
  return NodeHello.encode({
    signingKey: own.identity.signing.publicKey,
    signature: signHello(own.identity, role, handshakeHash),
    versionMin: VERSION_MIN,
    versionMax: VERSION_MAX,
    bootId: own.bootId,
    name: own.name,
    softwareVersion: own.softwareVersion,
    heartbeatIntervalMs: own.heartbeatMs,
  });
}

/**
 * Reads and checks the peer's hello. Throws StatusError: INVALID_ARGUMENT for bytes that are no hello,
 * UNAUTHENTICATED where the peer has not the keys that it names, FAILED_PRECONDITION ("version") where it speaks
 * no version that this node speaks.
 */
export function readHello(
  payload: Uint8Array,
  role: HandshakeRole,
  agreementKey: Uint8Array,
  handshakeHash: Uint8Array,
): PeerHello {
  if (payload.length > MAX_HELLO_BYTES) throw malformed("a hello is longer than allowed");
  const hello = NodeHello.decode(payload);
  const { signingKey, signature } = hello;
  const nodeId = checkHello({ signingKey, signature, role, agreementKey, handshakeHash });
  const version = Math.min(VERSION_MAX, hello.versionMax);
  if (version < Math.max(VERSION_MIN, hello.versionMin)) {
    throw new StatusError(
      StatusCode.FAILED_PRECONDITION,
      `the peer speaks versions ${hello.versionMin} to ${hello.versionMax} of the protocol, this node ${VERSION_MIN} to ${VERSION_MAX}`,
      { reason: "version", hint: "Bring the older of the two nodes up to date." },
    );
  }
  if (hello.bootId.length !== BOOT_ID_BYTES) throw malformed("a boot id must have 16 bytes");
  return {
    nodeId,
    version,
    features: hello.features,
    bootId: Uint8Array.from(hello.bootId),
    name: hello.name.slice(0, MAX_NAME_CHARACTERS),
    softwareVersion: hello.softwareVersion.slice(0, MAX_NAME_CHARACTERS),
    heartbeatMs: hello.heartbeatIntervalMs,
  };
}

function malformed(message: string): StatusError {
  return new StatusError(StatusCode.INVALID_ARGUMENT, message, { reason: "bad-hello" });
}
