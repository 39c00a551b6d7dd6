import type { Random } from "@clawmatrix/environment";
import type { HandshakeRole, Identity, NodeId, SessionKeys } from "@clawmatrix/identity";
import { checkHello, HandshakeState, NOISE_XX_PSK3, signHello } from "@clawmatrix/identity";
import { NodeHello, StatusCode, StatusError } from "@clawmatrix/protocol";
import {
  ChannelPacket,
  HANDSHAKE_1_HEADER_BYTES,
  HANDSHAKE_HEADER_BYTES,
  joinNodeIds,
  writeUint32,
} from "./channel-packets.ts";

/** What this node says of itself in every handshake. */
export interface LocalHello {
  /** 16 random bytes, new at every start of the node. */
  readonly bootId: Uint8Array;
  readonly name: string;
  readonly softwareVersion: string;
  readonly features: readonly string[];
}

/** What a peer has said of itself, and proved. */
export interface PeerHello {
  readonly nodeId: NodeId;
  readonly bootId: Uint8Array;
  readonly name: string;
  readonly softwareVersion: string;
  readonly features: readonly string[];
}

export interface ChannelHandshakeOptions {
  readonly role: HandshakeRole;
  readonly identity: Identity;
  readonly peer: NodeId;
  /** `MeshSecret.channelPsk()`. */
  readonly psk: Uint8Array;
  readonly hello: LocalHello;
  readonly random: Random;
}

/** The only version of the channel protocol so far. */
const CHANNEL_VERSION = 1;
const BOOT_ID_BYTES = 16;
/** The longest NodeHello that is looked at. */
const MAX_HELLO_BYTES = 4096;
const NOTHING = new Uint8Array(0);
const PROLOGUE = "clawmatrix channel 1";

/** One handshake of a channel: writes and reads the Noise messages and what stands around them. */
export class ChannelHandshake {
  readonly #options: ChannelHandshakeOptions;
  readonly #noise: HandshakeState;

  constructor(options: ChannelHandshakeOptions) {
    const { role, identity, peer, psk, random } = options;
    const nodes =
      role === "initiator" ? joinNodeIds(identity.nodeId, peer) : joinNodeIds(peer, identity.nodeId);
    this.#options = options;
    this.#noise = new HandshakeState({
      pattern: NOISE_XX_PSK3,
      role,
      prologue: Buffer.concat([Buffer.from(PROLOGUE, "latin1"), nodes]),
      staticKeys: identity.agreement,
      psk,
      random,
    });
  }

  /** The initiator's first packet. */
  writeFirst(channelId: number): Uint8Array {
    const header = new Uint8Array(HANDSHAKE_1_HEADER_BYTES);
    header[0] = ChannelPacket.HANDSHAKE_1;
    writeUint32(channelId, header, 1);
    return Buffer.concat([header, this.#noise.writeMessage(NOTHING)]);
  }

  /** The responder reads it. Throws StatusError, as do all that read. */
  readFirst(packet: Uint8Array): void {
    this.#noise.readMessage(packet.subarray(HANDSHAKE_1_HEADER_BYTES));
  }

  /** The responder's packet. */
  writeSecond(initiatorId: number, responderId: number): Uint8Array {
    return this.#write(ChannelPacket.HANDSHAKE_2, initiatorId, responderId, NOTHING);
  }

  /** The initiator reads it. */
  readSecond(packet: Uint8Array): PeerHello {
    return this.#read(packet).hello;
  }

  /** The initiator's last packet, with a first segment if there is one, and the keys. */
  writeThird(initiatorId: number, responderId: number, segment: Uint8Array): ThirdPacket {
    const packet = this.#write(ChannelPacket.HANDSHAKE_3, initiatorId, responderId, segment);
    return { packet, keys: this.#noise.split() };
  }

  /** The responder reads it. */
  readThird(packet: Uint8Array): { hello: PeerHello; segment: Uint8Array; keys: SessionKeys } {
    const { hello, rest } = this.#read(packet);
    return { hello, segment: rest, keys: this.#noise.split() };
  }

  #write(kind: number, initiatorId: number, responderId: number, data: Uint8Array): Uint8Array {
    const header = new Uint8Array(HANDSHAKE_HEADER_BYTES);
    header[0] = kind;
    writeUint32(initiatorId, header, 1);
    writeUint32(responderId, header, 5);
    const { identity, role, hello } = this.#options;
    const encoded = NodeHello.encode({
      signingKey: identity.signing.publicKey,
      signature: signHello(identity, role, this.#noise.hash),
      versionMin: CHANNEL_VERSION,
      versionMax: CHANNEL_VERSION,
      ...hello,
    });
    const length = Uint8Array.of(encoded.length >>> 8, encoded.length);
    return Buffer.concat([header, this.#noise.writeMessage(Buffer.concat([length, encoded, data]))]);
  }

  #read(packet: Uint8Array): { hello: PeerHello; rest: Uint8Array } {
    const handshakeHash = this.#noise.hash;
    const payload = this.#noise.readMessage(packet.subarray(HANDSHAKE_HEADER_BYTES));
    const length =
      payload.length < 2 ? MAX_HELLO_BYTES : ((payload[0] as number) << 8) | (payload[1] as number);
    if (2 + length > payload.length || length > MAX_HELLO_BYTES)
      throw refused("its hello is cut off or too long");
    const hello = NodeHello.decode(payload.subarray(2, 2 + length));
    const nodeId = checkHello({
      signingKey: hello.signingKey,
      agreementKey: this.#noise.remoteStaticKey ?? NOTHING,
      role: this.#options.role === "initiator" ? "responder" : "initiator",
      handshakeHash,
      signature: hello.signature,
    });
    if (nodeId !== this.#options.peer) throw refused("it is another node than the packets say");
    if (hello.bootId.length !== BOOT_ID_BYTES) throw refused("its boot id has not 16 bytes");
    if (hello.versionMin > CHANNEL_VERSION || hello.versionMax < CHANNEL_VERSION) {
      throw new StatusError(
        StatusCode.FAILED_PRECONDITION,
        `${nodeId} speaks no version of the channel protocol that this node speaks`,
        { reason: "version", hint: "bring both nodes to the same version of ClawMatrix" },
      );
    }
    const { bootId, name, softwareVersion, features } = hello;
    const peer = { nodeId, bootId: Uint8Array.from(bootId), name, softwareVersion, features };
    return { hello: peer, rest: payload.subarray(2 + length) };
  }
}

export interface ThirdPacket {
  readonly packet: Uint8Array;
  readonly keys: SessionKeys;
}

function refused(why: string): StatusError {
  return new StatusError(StatusCode.UNAUTHENTICATED, `the peer's part of a handshake was refused: ${why}`, {
    reason: "handshake-failed",
  });
}
