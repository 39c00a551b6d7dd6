import { seededRandom, VirtualClock } from "@clawmatrix/environment";
import { Identity, MeshSecret, type SessionKeys } from "@clawmatrix/identity";
import { CloseCode } from "@clawmatrix/protocol";
import { describe, expect, it } from "vitest";
import { MemoryTransportNetwork } from "../transport/memory-transport.ts";
import { LinkHandshake, type Refusal } from "./link-handshake.ts";
import type { PeerHello } from "./peer-hello.ts";

interface Side {
  peer?: PeerHello;
  keys?: SessionKeys;
  failed?: number;
}

interface ShakeOptions {
  /** Changes the n-th message on the wire, counted from 0. */
  readonly change?: (number: number, message: Uint8Array) => Uint8Array | undefined;
  readonly secrets?: readonly [number, number];
  readonly refuses?: Refusal;
}

const random = seededRandom(11);
const IDENTITIES = [Identity.generate(random), Identity.generate(random)] as const;

/** One handshake, for as long as it takes. */
async function shake({
  change,
  secrets = [1, 1],
  refuses,
}: ShakeOptions = {}): Promise<[Side, Side, number[]]> {
  const clock = new VirtualClock();
  const lengths: number[] = [];
  const network = new MemoryTransportNetwork({
    clock,
    random,
    conditions: {
      corrupt: (_from, _to, message) => {
        lengths.push(message.length);
        return change === undefined ? message : change(lengths.length - 1, message);
      },
    },
  });
  const sides: [Side, Side] = [{}, {}];
  const begin = (i: 0 | 1, connection: ReturnType<ReturnType<typeof network.transport>["dial"]>) =>
    new LinkHandshake({
      connection,
      role: i === 0 ? "initiator" : "responder",
      own: {
        identity: IDENTITIES[i],
        bootId: Buffer.alloc(16, i),
        name: `node ${i}`,
        softwareVersion: "1.2.3",
        heartbeatMs: 5_000 + i,
      },
      psk: MeshSecret.fromBytes(Buffer.alloc(32, secrets[i])).linkPsk(),
      clock,
      random,
      refuses: () => (i === 0 ? refuses : undefined),
      onFinished: (peer, keys) => {
        connection.receive({
          message: () => undefined,
          closed: (code) => {
            sides[i].failed = code;
          },
        });
        Object.assign(sides[i], { peer, keys });
      },
      onFailed: (code) => {
        sides[i].failed = code;
      },
    });
  await network.transport("b").listen({ host: "b", port: 1 }, (connection) => begin(1, connection));
  begin(0, network.transport("a").dial("memory://b:1"));
  clock.advance(20_000);
  return [...sides, lengths];
}

describe("a link's handshake", () => {
  it("shows each side who the other is, and gives both the same keys", async () => {
    const [initiator, responder] = await shake();
    expect(initiator.peer).toMatchObject({
      nodeId: IDENTITIES[1].nodeId,
      name: "node 1",
      version: 1,
      heartbeatMs: 5_001,
      softwareVersion: "1.2.3",
    });
    expect(responder.peer).toMatchObject({ nodeId: IDENTITIES[0].nodeId, name: "node 0" });
    expect(initiator.keys?.sendKey).toEqual(responder.keys?.receiveKey);
    expect(initiator.keys?.receiveKey).toEqual(responder.keys?.sendKey);
    expect(initiator.keys?.sendKey).not.toEqual(initiator.keys?.receiveKey);
  });

  it("fails on the responder's side where the mesh secret is another one", async () => {
    const [initiator, responder] = await shake({ secrets: [1, 2] });
    expect(responder).toEqual({ failed: CloseCode.HANDSHAKE_FAILED });
    expect(initiator.failed).toBe(CloseCode.HANDSHAKE_FAILED);
  });

  it("never gives the responder keys where a byte of it was changed or cut off, wherever that is", async () => {
    const [, , lengths] = await shake();
    expect(lengths).toHaveLength(3);
    for (const [number, length] of lengths.entries()) {
      for (let at = 0; at < length; at += 7) {
        for (const cut of [true, false]) {
          const [, responder] = await shake({
            change: (n, message) => {
              if (n !== number) return message;
              if (cut) return message.subarray(0, at);
              // Not the last bit: X25519 ignores the highest one of a key.
              message[at]! ^= 1;
              return message;
            },
          });
          expect(responder.keys).toBeUndefined();
          expect(responder.failed).toBeDefined();
        }
      }
    }
  });

  it("times out on both sides where a message is lost", async () => {
    for (const lost of [0, 1, 2]) {
      const [initiator, responder] = await shake({
        change: (n, message) => (n === lost ? undefined : message),
      });
      expect(responder.keys).toBeUndefined();
      expect([initiator.failed, responder.failed]).toContain(CloseCode.HANDSHAKE_TIMEOUT);
    }
  });

  it("tells the other side why it is refused, before that learns who refuses", async () => {
    const refuses = { code: CloseCode.REVOKED, reason: "the node was revoked" };
    const [initiator, responder, lengths] = await shake({ refuses });
    expect(initiator).toEqual({ failed: CloseCode.REVOKED });
    expect(responder).toEqual({ failed: CloseCode.REVOKED });
    expect(lengths).toHaveLength(2);
  });
});
