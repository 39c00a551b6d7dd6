import type { Random } from "@clawmatrix/environment";
import {
  HandshakeState,
  NOISE_XX_PSK3,
  type NodeId,
  nodeIdToBytes,
  seal,
  signHello,
} from "@clawmatrix/identity";
import { ChannelManager, MemoryNetwork } from "@clawmatrix/mesh";
import { NodeHello } from "@clawmatrix/protocol";
import { CallServer } from "@clawmatrix/rpc";
import { FoundedMesh } from "./founded-mesh.ts";
import { ErrorLog } from "./own-words.ts";
import { servedForTheAttacker } from "./served-calls.ts";

const NOTHING = new Uint8Array(0);
/** Virtual ms in which everything that is on its way has arrived. */
const ARRIVED_MS = 10;
/** A node answers two new handshakes of one peer in a second. */
const HANDSHAKE_EVERY_MS = 500;
/** The first bytes of a channel's packets. */
const Kind = { FIRST: 1, SECOND: 2, THIRD: 3, SEALED: 4 } as const;
const ATTACKERS_CHANNEL = 77;

/** A member's channels, with the calls that run on them, and the packets of an attacker, who is a member himself. */
export class AttackedChannels {
  readonly mesh: FoundedMesh;
  readonly channels: ChannelManager;
  readonly #network: MemoryNetwork;
  readonly #random: Random;
  readonly #ids: Uint8Array;
  readonly #log = new ErrorLog();
  /** Packets that the attacker has been sent. */
  #received: Buffer[] = [];

  private constructor(random: Random) {
    this.#random = random;
    this.mesh = new FoundedMesh(random);
    const { clock, honest, attacker, membership, secret } = this.mesh;
    this.#network = new MemoryNetwork({ clock, random });
    this.#ids = Buffer.concat([nodeIdToBytes(attacker.nodeId), nodeIdToBytes(honest.nodeId)]);
    this.#network.join(attacker.nodeId).receive({
      packet: (_source, payload) => void this.#received.push(Buffer.from(payload)),
      undeliverable: () => undefined,
    });
    this.channels = new ChannelManager({
      carrier: this.#network.join(honest.nodeId),
      identity: honest,
      psk: secret.channelPsk(),
      hello: { bootId: new Uint8Array(16), name: "honest", softwareVersion: "0", features: [] },
      membership,
      clock,
      random,
      logger: this.#log.logger,
      endOfTurn: (callback) => void clock.schedule(0, callback),
    });
    const server = new CallServer({
      self: honest.nodeId,
      registry: servedForTheAttacker(),
      clock,
      random,
      logger: this.#log.logger,
      isMember: (node: NodeId) => membership.isMember(node),
      isOperator: () => false,
      authorize: () => undefined,
    });
    this.channels.onChannel((channel) => server.attachPeer(channel, channel.peer));
  }

  static async start(random: Random): Promise<AttackedChannels> {
    const attacked = new AttackedChannels(random);
    await attacked.channels.start();
    return attacked;
  }

  /** Sends a packet as the attacker, and lets everything happen that comes of it. */
  send(packet: Uint8Array): void {
    const { attacker, honest, clock } = this.mesh;
    if (packet[0] === Kind.FIRST) clock.advance(HANDSHAKE_EVERY_MS);
    this.#network.deliver(attacker.nodeId, honest.nodeId, packet);
    clock.advance(ARRIVED_MS);
    this.#log.check();
  }

  /** The packets that the attacker sends in a handshake; after the last of them he has a channel. */
  shakeHands(): { readonly packets: readonly Uint8Array[]; readonly channel: HostileChannel } {
    const { attacker, secret } = this.mesh;
    const noise = new HandshakeState({
      pattern: NOISE_XX_PSK3,
      role: "initiator",
      prologue: Buffer.concat([Buffer.from("clawmatrix channel 1", "latin1"), this.#ids]),
      staticKeys: attacker.agreement,
      psk: secret.channelPsk(),
      random: this.#random,
    });
    this.#received = [];
    const first = Buffer.concat([bytesOf(Kind.FIRST, ATTACKERS_CHANNEL), noise.writeMessage(NOTHING)]);
    this.send(first);
    const second = this.#received.find((packet) => packet[0] === Kind.SECOND);
    if (second === undefined) throw new Error("the node did not answer the attacker's handshake");
    const id = second.readUInt32BE(5);
    noise.readMessage(second.subarray(9));
    const hello = NodeHello.encode({
      signingKey: attacker.signing.publicKey,
      signature: signHello(attacker, "initiator", noise.hash),
      versionMin: 1,
      versionMax: 1,
      bootId: this.#random.bytes(16),
    });
    const length = Uint8Array.of(hello.length >> 8, hello.length);
    const third = Buffer.concat([
      bytesOf(Kind.THIRD, ATTACKERS_CHANNEL, id),
      noise.writeMessage(Buffer.concat([length, hello])),
    ]);
    this.send(third);
    const { sendKey } = noise.split();
    let counter = 0;
    const channel: HostileChannel = {
      sendSegment: (segment) => {
        const header = Buffer.concat([bytesOf(Kind.SEALED, id), Buffer.alloc(8)]);
        header.writeBigUInt64BE(BigInt(counter), 5);
        const sealed = seal(sendKey, counter++, Buffer.concat([header, this.#ids]), segment);
        this.send(Buffer.concat([header, sealed]));
      },
      isOpen: () => [...this.channels.channels()].some(({ localId }) => localId === id),
    };
    return { packets: [first, third], channel };
  }

  async close(): Promise<void> {
    await this.channels.stop();
  }
}

/** A channel that the node has with the attacker. */
export interface HostileChannel {
  /** Sends a segment, sealed as it should be, whatever it says. */
  sendSegment(segment: Uint8Array): void;
  isOpen(): boolean;
}

function bytesOf(kind: number, ...ids: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(1 + 4 * ids.length);
  bytes[0] = kind;
  for (const [at, id] of ids.entries()) bytes.writeUInt32BE(id, 1 + 4 * at);
  return bytes;
}
