import type { Clock, Random, Timer } from "@clawmatrix/environment";
import { type HandshakeRole, HandshakeState, NOISE_XX_PSK3, type SessionKeys } from "@clawmatrix/identity";
import { CloseCode, StatusError } from "@clawmatrix/protocol";
import type { Connection } from "../transport/transport.ts";
import { type OwnHello, type PeerHello, readHello, writeHello } from "./peer-hello.ts";

/** Why a link is not wanted, as the other side is told. */
export interface Refusal {
  readonly code: number;
  readonly reason: string;
}

export interface LinkHandshakeOptions {
  readonly connection: Connection;
  readonly role: HandshakeRole;
  readonly own: OwnHello;
  /** 32 bytes, from the mesh secret. */
  readonly psk: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  /** Asked as soon as it is known and proved who the peer is. */
  readonly refuses: (peer: PeerHello) => Refusal | undefined;
  /** The connection is its receiver's from here on. */
  readonly onFinished: (peer: PeerHello, keys: SessionKeys) => void;
  /** The connection is closed, or closing. `peer` is there if it had got so far. */
  readonly onFailed: (code: number, reason: string, peer: PeerHello | undefined) => void;
}

/** Milliseconds from the connection, or from dialling, to the last message. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

const PROLOGUE = Buffer.from("clawmatrix link 1", "ascii");
const NOTHING = new Uint8Array(0);

/** The first three messages of a connection, after which both sides know who the other is, and share keys. */
export class LinkHandshake {
  readonly #options: LinkHandshakeOptions;
  readonly #noise: HandshakeState;
  readonly #timer: Timer;
  #peer: PeerHello | undefined;
  #answered = false;
  #over = false;

  constructor(options: LinkHandshakeOptions) {
    const { connection, role, psk, clock, random, own } = options;
    this.#options = options;
    this.#noise = new HandshakeState({
      pattern: NOISE_XX_PSK3,
      role,
      prologue: PROLOGUE,
      staticKeys: own.identity.agreement,
      psk,
      random,
    });
    this.#timer = clock.schedule(HANDSHAKE_TIMEOUT_MS, () =>
      this.fail(CloseCode.HANDSHAKE_TIMEOUT, "the handshake was not finished in time"),
    );
    connection.receive({
      opened: () => connection.send(this.#noise.writeMessage(NOTHING)),
      message: (message) => this.#step(message),
      closed: (code, reason) => this.#end(code, reason),
    });
  }

  /** Gives up, and tells the other side why. */
  fail(code: number, reason: string): void {
    if (this.#over) return;
    this.#options.connection.close(code, reason);
    this.#end(code, reason);
  }

  #step(message: Uint8Array): void {
    if (this.#over) return;
    try {
      if (this.#options.role === "initiator") this.#readAnswer(message);
      else if (!this.#answered) this.#answer(message);
      else this.#readLast(message);
    } catch (error) {
      const { reason, message: what } = StatusError.from(error);
      this.fail(reason === "version" ? CloseCode.VERSION : CloseCode.HANDSHAKE_FAILED, what);
    }
  }

  /** The responder's part, first message: it carries nothing but a key. */
  #answer(message: Uint8Array): void {
    this.#noise.readMessage(message);
    this.#answered = true;
    const hello = writeHello(this.#options.own, "responder", this.#noise.hash);
    this.#options.connection.send(this.#noise.writeMessage(hello));
  }

  /** The initiator's part: the second message says who the responder is; the third one answers. */
  #readAnswer(message: Uint8Array): void {
    if (this.#isRefused(this.#read(message, "responder"))) return;
    const hello = writeHello(this.#options.own, "initiator", this.#noise.hash);
    this.#options.connection.send(this.#noise.writeMessage(hello));
    this.#finish();
  }

  /** The responder's part, third message: only who has the mesh secret can have written it. */
  #readLast(message: Uint8Array): void {
    if (!this.#isRefused(this.#read(message, "initiator"))) this.#finish();
  }

  #read(message: Uint8Array, role: HandshakeRole): PeerHello {
    const hash = this.#noise.hash;
    const payload = this.#noise.readMessage(message);
    this.#peer = readHello(payload, role, this.#noise.remoteStaticKey as Uint8Array, hash);
    return this.#peer;
  }

  #isRefused(peer: PeerHello): boolean {
    const refusal = this.#options.refuses(peer);
    if (refusal !== undefined) this.fail(refusal.code, refusal.reason);
    return refusal !== undefined;
  }

  #finish(): void {
    this.#over = true;
    this.#timer.cancel();
    this.#options.onFinished(this.#peer as PeerHello, this.#noise.split());
  }

  #end(code: number, reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer.cancel();
    this.#options.onFailed(code, reason, this.#peer);
  }
}
