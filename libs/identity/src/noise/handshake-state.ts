import type { Random } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { AGREEMENT_KEY_BYTES, AgreementKeys } from "../agreement-keys.ts";
import { malformed, requireLength, unauthentic } from "../refusal.ts";
import { SEAL_TAG_BYTES } from "../sealing.ts";
import type { HandshakePattern, Token } from "./patterns.ts";
import { SymmetricState } from "./symmetric-state.ts";

export type HandshakeRole = "initiator" | "responder";

export interface HandshakeOptions {
  readonly pattern: HandshakePattern;
  readonly role: HandshakeRole;
  /** What both sides must agree on before they begin; another prologue makes the handshake fail. */
  readonly prologue: Uint8Array;
  /** This side's static keys. */
  readonly staticKeys: AgreementKeys;
  /** 32 bytes; exactly where the pattern needs it. */
  readonly psk?: Uint8Array;
  /** For the ephemeral key. */
  readonly random: Random;
}

/** What a finished handshake leaves. */
export interface SessionKeys {
  /** 32 bytes: seals what this side sends. */
  readonly sendKey: Uint8Array;
  /** 32 bytes: opens what this side receives. */
  readonly receiveKey: Uint8Array;
  /** 32 bytes, the same on both sides and in no other handshake. */
  readonly handshakeHash: Uint8Array;
}

/** Noise's limit for one message, and so for a payload with what surrounds it. */
export const MAX_NOISE_MESSAGE_BYTES = 65_535;

const PSK_BYTES = 32;

/**
 * Noise's HandshakeState: messages are written and read in turn, the initiator first, until `isFinished`; then
 * `split` gives the keys. After any error the handshake has failed for good: every further use throws
 * StatusError (FAILED_PRECONDITION, "handshake-over"), and the connection must be closed.
 */
export class HandshakeState {
  readonly #options: HandshakeOptions;
  readonly #symmetric: SymmetricState;
  #ephemeral: AgreementKeys | undefined;
  #remoteEphemeral: Uint8Array | undefined;
  #remoteStatic: Uint8Array | undefined;
  #next = 0;
  #over = false;

  /** Throws StatusError if the psk is missing, has not 32 bytes, or is given where the pattern has none. */
  constructor(options: HandshakeOptions) {
    if (options.pattern.needsPsk !== (options.psk !== undefined)) {
      throw malformed("a psk is needed by patterns with psk, and by no other", "psk");
    }
    if (options.psk !== undefined) requireLength("a psk", options.psk, PSK_BYTES);
    this.#options = options;
    this.#symmetric = new SymmetricState(options.pattern.protocolName);
    this.#symmetric.mixHash(options.prologue);
  }

  /** All messages are written and read: time to `split`. */
  get isFinished(): boolean {
    return !this.#over && this.#next === this.#options.pattern.messages.length;
  }

  /** The next message is for this side to write. */
  get isMyTurn(): boolean {
    const initiatorsTurn = this.#next % 2 === 0;
    return !this.#over && !this.isFinished && initiatorsTurn === (this.#options.role === "initiator");
  }

  /** The hash over everything up to and including the last message; signatures over it hold in this handshake alone. */
  get hash(): Uint8Array {
    return this.#symmetric.hash;
  }

  /** The peer's static public key (32 bytes), once a message has brought it. The next message proves that it is the peer's. */
  get remoteStaticKey(): Uint8Array | undefined {
    return this.#remoteStatic;
  }

  /** The next message, with `payload` inside (which the first message of XX sends in the clear). */
  writeMessage(payload: Uint8Array): Uint8Array {
    return this.#attempt(this.isMyTurn, (tokens) => {
      const parts = tokens.map((token) => this.#write(token)).filter((part) => part !== undefined);
      parts.push(this.#symmetric.encryptAndHash(payload));
      const message = Buffer.concat(parts);
      if (message.length > MAX_NOISE_MESSAGE_BYTES) throw tooLarge(message.length);
      return message;
    });
  }

  /**
   * The payload of the peer's next message. Throws StatusError: INVALID_ARGUMENT for bytes that are no handshake
   * message, UNAUTHENTICATED ("handshake-failed") where they are one of another prologue, psk or handshake.
   */
  readMessage(message: Uint8Array): Uint8Array {
    return this.#attempt(!this.isMyTurn && !this.isFinished, (tokens) => {
      if (message.length > MAX_NOISE_MESSAGE_BYTES) throw tooLarge(message.length);
      let rest = message;
      for (const token of tokens) rest = rest.subarray(this.#read(token, rest));
      try {
        return Uint8Array.from(this.#symmetric.decryptAndHash(rest));
      } catch (cause) {
        throw handshakeFailed(cause);
      }
    });
  }

  /** The keys of the connection, once; the handshake is over then. */
  split(): SessionKeys {
    if (!this.isFinished) throw handshakeOver();
    this.#over = true;
    const [first, second] = this.#symmetric.split();
    const handshakeHash = this.#symmetric.hash;
    return this.#options.role === "initiator"
      ? { sendKey: first, receiveKey: second, handshakeHash }
      : { sendKey: second, receiveKey: first, handshakeHash };
  }

  toJSON(): string {
    return "[secret handshake state]";
  }

  #attempt(allowed: boolean, step: (tokens: readonly Token[]) => Uint8Array): Uint8Array {
    const tokens = this.#options.pattern.messages[this.#next];
    if (this.#over || !allowed || tokens === undefined) throw handshakeOver();
    try {
      const result = step(tokens);
      this.#next++;
      return result;
    } catch (error) {
      this.#over = true;
      throw error;
    }
  }

  #write(token: Token): Uint8Array | undefined {
    if (token === "e") {
      this.#ephemeral = AgreementKeys.generate(this.#options.random);
      this.#mixEphemeral(this.#ephemeral.publicKey);
      return this.#ephemeral.publicKey;
    }
    if (token === "s") return this.#symmetric.encryptAndHash(this.#options.staticKeys.publicKey);
    this.#mix(token);
    return undefined;
  }

  /** Returns how many bytes of `rest` the token took. */
  #read(token: Token, rest: Uint8Array): number {
    if (token !== "e" && token !== "s") {
      this.#mix(token);
      return 0;
    }
    const tagBytes = token === "s" && this.#symmetric.hasKey ? SEAL_TAG_BYTES : 0;
    const length = AGREEMENT_KEY_BYTES + tagBytes;
    if (rest.length < length) throw malformed("a handshake message is too short", "handshake-malformed");
    const bytes = Uint8Array.from(rest.subarray(0, length));
    if (token === "e") {
      this.#remoteEphemeral = bytes;
      this.#mixEphemeral(bytes);
      return length;
    }
    try {
      this.#remoteStatic = Uint8Array.from(this.#symmetric.decryptAndHash(bytes));
    } catch (cause) {
      throw handshakeFailed(cause);
    }
    return length;
  }

  /** With a psk the ephemeral keys go into the chaining key too, so that the psk alone never repeats a key. */
  #mixEphemeral(publicKey: Uint8Array): void {
    this.#symmetric.mixHash(publicKey);
    if (this.#options.pattern.needsPsk) this.#symmetric.mixKey(publicKey);
  }

  #mix(token: "ee" | "es" | "se" | "psk"): void {
    if (token === "psk") {
      this.#symmetric.mixKeyAndHash(this.#options.psk as Uint8Array);
      return;
    }
    // The first letter is the initiator's key, the second the responder's.
    const mine = this.#options.role === "initiator" ? token[0] : token[1];
    const theirs = this.#options.role === "initiator" ? token[1] : token[0];
    const own = mine === "e" ? (this.#ephemeral as AgreementKeys) : this.#options.staticKeys;
    const remote = theirs === "e" ? this.#remoteEphemeral : this.#remoteStatic;
    this.#symmetric.mixKey(own.agree(remote as Uint8Array));
  }
}

function tooLarge(length: number): StatusError {
  return malformed(
    `a handshake message has ${length} bytes; ${MAX_NOISE_MESSAGE_BYTES} are allowed`,
    "handshake-malformed",
  );
}

function handshakeFailed(cause: unknown): StatusError {
  return unauthentic(
    "the handshake failed: the peer has another mesh secret or speaks another protocol, or bytes were changed on the way",
    "handshake-failed",
    { hint: "check that both nodes were made for the same mesh", cause },
  );
}

function handshakeOver(): StatusError {
  return new StatusError(
    StatusCode.FAILED_PRECONDITION,
    "this step of the handshake is not possible: it is the other side's turn, not finished, over, or has failed",
    { reason: "handshake-over" },
  );
}
