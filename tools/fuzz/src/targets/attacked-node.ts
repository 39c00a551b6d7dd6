import { type Random, silentLogger, type VirtualClock } from "@clawmatrix/environment";
import {
  CipherState,
  type HandshakeRole,
  HandshakeState,
  type Identity,
  NOISE_XX_PSK3,
  signHello,
} from "@clawmatrix/identity";
import { type Connection, clockTurn, MemoryTransportNetwork, MeshNode } from "@clawmatrix/mesh";
import { NodeHello } from "@clawmatrix/protocol";
import { FoundedMesh } from "./founded-mesh.ts";
import { requireOwnWords } from "./own-words.ts";

const PROLOGUE = Buffer.from("clawmatrix link 1", "ascii");
const NOTHING = new Uint8Array(0);
const PORT = 1;
/** Virtual ms in which everything that is on its way has arrived. */
const ARRIVED_MS = 20;
const HEARTBEAT_MS = 10_000;

/** A member's node, and the connections of an attacker, who is a member himself: nobody gets further in. */
export class AttackedNode {
  readonly mesh: FoundedMesh;
  readonly node: MeshNode;
  readonly #network: MemoryTransportNetwork;
  readonly #random: Random;

  private constructor(random: Random) {
    this.#random = random;
    this.mesh = new FoundedMesh(random);
    const { clock, honest, membership, secret } = this.mesh;
    this.#network = new MemoryTransportNetwork({ clock, random });
    const unlimited = { connectionsPerSecond: 1e6, burst: 1e6 };
    this.node = new MeshNode({
      identity: honest,
      meshSecret: secret,
      clock,
      random,
      logger: silentLogger,
      transport: this.#network.transport("node"),
      membership,
      description: { name: "node", softwareVersion: "0" },
      listen: { host: "node", port: PORT },
      turn: clockTurn(clock),
      limits: unlimited,
    });
    this.node.receive({ packet: () => undefined, undeliverable: () => undefined });
  }

  static async start(random: Random): Promise<AttackedNode> {
    const attacked = new AttackedNode(random);
    await attacked.node.start();
    return attacked;
  }

  get clock(): VirtualClock {
    return this.mesh.clock;
  }

  /** Dials the node. */
  connect(): HostileConnection {
    const connection = this.#network.transport("attacker").dial(`memory://node:${PORT}`);
    return new HostileConnection(connection, this.clock);
  }

  /** A connection on which the handshake has gone as it should, but for its last message, which `change` may change. */
  shakeHands(change: (message: Uint8Array) => Uint8Array = (message) => message): HostileLink {
    const connection = this.connect();
    const noise = this.newHandshake("initiator");
    connection.send(noise.writeMessage(NOTHING));
    const second = connection.received.at(-1);
    if (second === undefined) throw new Error(`the node did not answer: ${connection.closedWith}`);
    noise.readMessage(second);
    connection.send(change(noise.writeMessage(helloOf(this.mesh.attacker, "initiator", noise.hash))));
    return new HostileLink(connection, new CipherState(noise.split().sendKey));
  }

  newHandshake(role: HandshakeRole): HandshakeState {
    const { attacker, secret } = this.mesh;
    return new HandshakeState({
      pattern: NOISE_XX_PSK3,
      role,
      prologue: PROLOGUE,
      staticKeys: attacker.agreement,
      psk: secret.linkPsk(),
      random: this.#random,
    });
  }

  async close(): Promise<void> {
    const stopped = this.node.stop();
    this.clock.advance(ARRIVED_MS);
    await stopped;
  }
}

/** The attacker's end of a connection. */
export class HostileConnection {
  readonly received: Uint8Array[] = [];
  /** Code and reason, once it is closed. */
  closedWith: string | undefined;
  readonly #connection: Connection;
  readonly #clock: VirtualClock;

  constructor(connection: Connection, clock: VirtualClock) {
    this.#connection = connection;
    this.#clock = clock;
    connection.receive({
      message: (message) => this.received.push(message),
      closed: (code, reason) => {
        this.closedWith = `${code} ${reason}`;
      },
    });
    clock.advance(ARRIVED_MS);
  }

  /** Sends a message and lets everything happen that comes of it. */
  send(message: Uint8Array): void {
    this.#connection.send(message);
    this.#clock.advance(ARRIVED_MS);
    requireOwnWords(this.closedWith);
    // Nobody reads it again.
    if (this.received.length > 100) this.received.length = 0;
  }

  close(): void {
    this.#connection.close(4000, "over");
    this.#clock.advance(ARRIVED_MS);
  }
}

/** A connection that the node takes for a link. */
export class HostileLink {
  readonly connection: HostileConnection;
  readonly #sealing: CipherState;

  constructor(connection: HostileConnection, sealing: CipherState) {
    this.connection = connection;
    this.#sealing = sealing;
  }

  /** Sends a batch: entries that are sealed as they should be, whatever they say, and payloads behind them. */
  sendBatch(entries: Uint8Array, payloads: Uint8Array): void {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(entries.length);
    this.connection.send(Buffer.concat([length, this.#sealing.seal(entries, length), payloads]));
  }
}

function helloOf(identity: Identity, role: HandshakeRole, hash: Uint8Array): Uint8Array {
  return NodeHello.encode({
    signingKey: identity.signing.publicKey,
    signature: signHello(identity, role, hash),
    versionMin: 1,
    versionMax: 1,
    bootId: new Uint8Array(16),
    name: "attacker",
    softwareVersion: "0",
    heartbeatIntervalMs: HEARTBEAT_MS,
  });
}
