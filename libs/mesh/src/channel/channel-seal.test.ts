import { VirtualClock } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import { nodeIdFromBytes } from "@clawmatrix/identity";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ChannelSeal, KEY_LIFETIME_MS } from "./channel-seal.ts";

const clock = new VirtualClock();
const [one, two] = [1, 2].map((fill) => nodeIdFromBytes(new Uint8Array(16).fill(fill))) as [NodeId, NodeId];
const [here, there] = [1, 2].map((fill) => new Uint8Array(32).fill(fill)) as [Uint8Array, Uint8Array];
const handshakeHash = new Uint8Array(32);

function pair(): { sender: ChannelSeal; receiver: ChannelSeal } {
  const sender = new ChannelSeal({
    keys: { sendKey: here, receiveKey: there, handshakeHash },
    local: one,
    peer: two,
    peerChannelId: 7,
    clock,
  });
  const receiver = new ChannelSeal({
    keys: { sendKey: there, receiveKey: here, handshakeHash },
    local: two,
    peer: one,
    peerChannelId: 9,
    clock,
  });
  return { sender, receiver };
}

const text = (bytes: Uint8Array | undefined) =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString();

test("each packet opens once, in whatever order they come", () => {
  const { sender, receiver } = pair();
  const packets = ["a", "b", "c"].map((each) => Buffer.concat(sender.seal(Buffer.from(each))));
  const [a, b, c] = packets as [Buffer, Buffer, Buffer];
  expect([c, a, b].map((packet) => text(receiver.open(packet)))).toEqual(["c", "a", "b"]);
  expect([a, b, c].map((packet) => receiver.open(packet))).toEqual([undefined, undefined, undefined]);
});

test("a packet does not open with any bit changed, and opens as it was afterwards", () => {
  const { sender, receiver } = pair();
  const packet = Buffer.concat(sender.seal(Buffer.from("payload")));
  fc.assert(
    fc.property(fc.nat(packet.length * 8 - 1), (bit) => {
      const damaged = Uint8Array.from(packet);
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(receiver.open(damaged)).toBeUndefined();
    }),
  );
  expect(text(receiver.open(packet))).toBe("payload");
});

test("a packet does not open where it did not go", () => {
  const { sender } = pair();
  const third = nodeIdFromBytes(new Uint8Array(16).fill(3));
  const elsewhere = new ChannelSeal({
    keys: { sendKey: there, receiveKey: here, handshakeHash },
    local: third,
    peer: one,
    peerChannelId: 9,
    clock,
  });
  expect(elsewhere.open(Buffer.concat(sender.seal(Buffer.from("payload"))))).toBeUndefined();
});

test("the key changes with time on the sender's side, and the receiver follows", () => {
  const { sender, receiver } = pair();
  for (let i = 0; i < 6; i++) {
    const packet = Buffer.concat(sender.seal(Buffer.from(`key ${i}`)));
    expect(Buffer.from(packet).readUInt32BE(5)).toBe(i);
    expect(text(receiver.open(packet))).toBe(`key ${i}`);
    clock.advance(KEY_LIFETIME_MS);
  }
});

test("a counter far ahead costs no long search for its key", () => {
  const { sender, receiver } = pair();
  const packet = Buffer.concat(sender.seal(Buffer.from("payload")));
  const forged = Buffer.from(packet);
  forged.writeUInt32BE(0x001fffff, 5);
  expect(receiver.open(forged)).toBeUndefined();
  forged.writeUInt32BE(0xffffffff, 5);
  expect(receiver.open(forged)).toBeUndefined();
  expect(text(receiver.open(packet))).toBe("payload");
});

test("neither keys nor their owner show in JSON", () => {
  expect(JSON.stringify({ seal: pair().sender })).toBe('{"seal":"[secret channel keys]"}');
});
