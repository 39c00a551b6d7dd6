import { seededRandom } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { AgreementKeys } from "../agreement-keys.ts";
import { CipherState } from "./cipher-state.ts";
import { type HandshakeOptions, HandshakeState, MAX_NOISE_MESSAGE_BYTES } from "./handshake-state.ts";
import { NOISE_XX, NOISE_XX_PSK3 } from "./patterns.ts";

const random = seededRandom(7);
const NOTHING = new Uint8Array(0);

function pair(changes: Partial<HandshakeOptions> = {}): readonly [HandshakeState, HandshakeState] {
  const shared = {
    pattern: NOISE_XX_PSK3,
    prologue: Buffer.from("test"),
    psk: new Uint8Array(32).fill(9),
    random,
  };
  const initiator: HandshakeOptions = {
    ...shared,
    role: "initiator",
    staticKeys: AgreementKeys.generate(random),
  };
  const responder: HandshakeOptions = {
    ...shared,
    role: "responder",
    staticKeys: AgreementKeys.generate(random),
  };
  return [new HandshakeState(initiator), new HandshakeState({ ...responder, ...changes })];
}

function run([initiator, responder]: readonly [HandshakeState, HandshakeState]): void {
  responder.readMessage(initiator.writeMessage(NOTHING));
  initiator.readMessage(responder.writeMessage(Buffer.from("from the responder")));
  responder.readMessage(initiator.writeMessage(Buffer.from("from the initiator")));
}

function failure(action: () => unknown): StatusError {
  try {
    action();
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("a handshake", () => {
  let sides: readonly [HandshakeState, HandshakeState];
  beforeEach(() => {
    sides = pair();
  });

  it("gives both sides the same keys and hash, crosswise, and each the other's static key", () => {
    run(sides);
    const [mine, theirs] = sides.map((side) => side.split());
    expect(mine?.sendKey).toEqual(theirs?.receiveKey);
    expect(mine?.receiveKey).toEqual(theirs?.sendKey);
    expect(mine?.sendKey).not.toEqual(mine?.receiveKey);
    expect(mine?.handshakeHash).toEqual(theirs?.handshakeHash);
    expect(sides[0].remoteStaticKey).toHaveLength(32);
  });

  it("knows whose turn it is", () => {
    const [initiator, responder] = sides;
    expect([initiator.isMyTurn, responder.isMyTurn]).toEqual([true, false]);
    const message = initiator.writeMessage(NOTHING);
    expect(initiator.isMyTurn).toBe(false);
    responder.readMessage(message);
    expect([responder.isMyTurn, responder.isFinished]).toEqual([true, false]);
  });

  it.each([
    ["psk", { psk: new Uint8Array(32).fill(8) }],
    ["prologue", { prologue: Buffer.from("tset") }],
  ])("fails as UNAUTHENTICATED with another %s", (_, changes) => {
    const error = failure(() => run(pair(changes)));
    expect(error.code).toBe(StatusCode.UNAUTHENTICATED);
    expect(error.reason).toBe("handshake-failed");
  });

  it("is of no use any more after a failure", () => {
    const [initiator, responder] = sides;
    responder.readMessage(initiator.writeMessage(NOTHING));
    const message = responder.writeMessage(NOTHING);
    const damaged = Uint8Array.from(message);
    damaged[40] = (damaged[40] as number) ^ 1;
    expect(failure(() => initiator.readMessage(damaged)).reason).toBe("handshake-failed");
    for (const action of [
      () => initiator.readMessage(message),
      () => initiator.writeMessage(NOTHING),
      () => initiator.split(),
    ]) {
      expect(failure(action).reason).toBe("handshake-over");
    }
    expect([initiator.isMyTurn, initiator.isFinished]).toEqual([false, false]);
  });

  it("refuses steps out of turn", () => {
    const [initiator, responder] = sides;
    expect(failure(() => responder.writeMessage(NOTHING)).code).toBe(StatusCode.FAILED_PRECONDITION);
    expect(failure(() => initiator.readMessage(new Uint8Array(48))).reason).toBe("handshake-over");
    expect(failure(() => initiator.split()).reason).toBe("handshake-over");
  });

  it("splits once", () => {
    run(sides);
    sides[0].split();
    expect(failure(() => sides[0].split()).reason).toBe("handshake-over");
  });

  it("refuses messages that are too short or too long, written or read", () => {
    for (const length of [0, 31, 47]) {
      expect(() => pair()[1].readMessage(new Uint8Array(length))).toThrow(StatusError);
    }
    const long = new Uint8Array(MAX_NOISE_MESSAGE_BYTES + 1);
    expect(failure(() => sides[1].readMessage(long)).reason).toBe("handshake-malformed");
    const payload = new Uint8Array(MAX_NOISE_MESSAGE_BYTES - 47);
    expect(failure(() => sides[0].writeMessage(payload)).reason).toBe("handshake-malformed");
  });

  it("carries a payload up to the limit", () => {
    const payload = new Uint8Array(MAX_NOISE_MESSAGE_BYTES - 48).fill(3);
    expect(sides[1].readMessage(sides[0].writeMessage(payload))).toEqual(payload);
  });

  it("refuses an ephemeral key of small order", () => {
    const [initiator, responder] = pair({ pattern: NOISE_XX_PSK3 });
    const message = initiator.writeMessage(NOTHING);
    message.fill(0, 0, 32);
    const error = failure(() => {
      responder.readMessage(message);
      responder.writeMessage(NOTHING);
    });
    // With a psk the payload of the first message is sealed under the ephemeral key already.
    expect(error.reason).toBe("handshake-failed");

    const plain = new HandshakeState({
      pattern: NOISE_XX,
      role: "responder",
      prologue: NOTHING,
      staticKeys: AgreementKeys.generate(random),
      random,
    });
    plain.readMessage(new Uint8Array(32));
    expect(failure(() => plain.writeMessage(NOTHING)).reason).toBe("weak-key");
  });

  it("wants a psk exactly where the pattern has one", () => {
    const options = {
      role: "initiator",
      prologue: NOTHING,
      staticKeys: AgreementKeys.generate(random),
      random,
    } as const;
    const psk = new Uint8Array(32);
    expect(() => new HandshakeState({ ...options, pattern: NOISE_XX_PSK3 })).toThrow(StatusError);
    expect(() => new HandshakeState({ ...options, pattern: NOISE_XX, psk })).toThrow(StatusError);
    expect(() => new HandshakeState({ ...options, pattern: NOISE_XX_PSK3, psk: psk.subarray(1) })).toThrow(
      /32 bytes/,
    );
  });
});

describe("a cipher state", () => {
  const key = new Uint8Array(32).fill(5);

  it("opens in order what was sealed in order, and nothing else", () => {
    const [sender, receiver] = [new CipherState(key), new CipherState(key)];
    const [first, second] = [sender.seal(Buffer.from("one")), sender.seal(Buffer.from("two"))];
    expect(failure(() => receiver.open(second)).reason).toBe("not-authentic");
    expect(Buffer.from(receiver.open(first)).toString()).toBe("one");
    expect(failure(() => receiver.open(first)).code).toBe(StatusCode.UNAUTHENTICATED);
    expect(Buffer.from(receiver.open(second)).toString()).toBe("two");
    expect(receiver.counter).toBe(2);
  });

  it("goes on under the next key when both sides change it at the same message", () => {
    const [sender, receiver] = [new CipherState(key), new CipherState(key)];
    receiver.open(sender.seal(NOTHING));
    sender.rekey();
    const sealed = sender.seal(Buffer.from("later"));
    expect(failure(() => receiver.open(sealed)).reason).toBe("not-authentic");
    receiver.rekey();
    expect(Buffer.from(receiver.open(sealed)).toString()).toBe("later");
  });
});
