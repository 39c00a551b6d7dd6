import { Identity } from "@clawmatrix/identity";
import { Priority, StatusCode, type StatusError } from "@clawmatrix/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Channel } from "./channel.ts";
import { ChannelPacket, SEALED_HEADER_BYTES } from "./channel-packets.ts";
import { acceptCalls, openCall, say, TestMesh } from "./test-mesh.ts";

/** Two nodes with a channel, and the calls that the second one was sent. */
async function pair(mesh: TestMesh) {
  const [first, second] = [mesh.identity(), mesh.identity()];
  const a = await mesh.node(first);
  const b = await mesh.node(second);
  const calls = acceptCalls(b);
  const channel = await mesh.settle(a.channelTo(second.nodeId));
  return { a, b, first, second, calls, channel };
}

const words = (count: number) => Array.from({ length: count }, (_, i) => `word ${i}`);

test("frames of a call arrive on the other side, and the answers here", async () => {
  const mesh = new TestMesh();
  const { calls, channel } = await pair(mesh);
  const { lane, received } = openCall(channel);
  say(lane, "one");
  say(lane, "two");
  await mesh.pass(50);
  expect(calls[0]?.received.texts).toEqual(["one", "two"]);
  say(calls[0]!.lane, "three");
  await mesh.pass(50);
  expect(received.texts).toEqual(["three"]);
});

test("the first frames ride on the last message of the handshake", async () => {
  const mesh = new TestMesh();
  const kinds: number[] = [];
  mesh.network.tap = (_source, _destination, packet) => {
    kinds.push(packet[0] as number);
    return packet;
  };
  const { channel, calls } = await pair(mesh);
  say(openCall(channel).lane, "at once");
  await mesh.pass(2);
  expect(calls[0]?.received.texts).toEqual(["at once"]);
  expect(kinds.slice(0, 3)).toEqual([1, 2, 3]);
});

test("whatever the network loses, doubles, reorders or damages, frames arrive once and in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        seed: fc.integer(),
        lose: fc.double({ min: 0, max: 0.3, noNaN: true }),
        double: fc.double({ min: 0, max: 0.3, noNaN: true }),
        damage: fc.double({ min: 0, max: 0.05, noNaN: true }),
        jitterMs: fc.integer({ min: 0, max: 60 }),
        sizes: fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 60 }),
        bulk: fc.boolean(),
        cuts: fc.array(fc.integer({ min: 1, max: 3_000 }), { maxLength: 3 }),
      }),
      async ({ seed, sizes, bulk, cuts, ...faults }) => {
        const mesh = new TestMesh(seed, { ...faults, delayMs: 5 });
        const [first, second] = [mesh.identity(), mesh.identity()];
        const a = await mesh.node(first);
        const b = await mesh.node(second);
        const calls = acceptCalls(b);
        let channel: Channel;
        try {
          channel = await mesh.settle(a.channelTo(second.nodeId));
        } catch (error) {
          expect((error as StatusError).code).toBe(StatusCode.UNAVAILABLE);
          return;
        }
        const there = openCall(channel, bulk ? Priority.BULK : Priority.INTERACTIVE);
        const sent = sizes.map((size, i) => Buffer.alloc(size + 4, i));
        let answering = false;
        for (const [i, payload] of sent.entries()) {
          say(there.lane, payload);
          await mesh.pass(i % 7);
          if (!answering && calls[0] !== undefined) {
            answering = true;
            for (const word of words(50)) say(calls[0].lane, word);
          }
        }
        for (const ms of cuts) {
          mesh.network.cut(first.nodeId, second.nodeId);
          await mesh.pass(ms);
          mesh.network.heal(first.nodeId, second.nodeId);
          await mesh.pass(ms);
        }
        await mesh.pass(60_000, 10);
        const arrived = calls[0]?.received;
        if (there.received.error !== undefined) {
          // A damaged handshake: then the call has ended on both sides, and nothing came twice.
          expect(there.received.error.code).toBe(StatusCode.UNAVAILABLE);
          expect(arrived?.payloads ?? []).toEqual(sent.slice(0, arrived?.payloads.length ?? 0));
          return;
        }
        expect(arrived?.payloads.length).toBe(sent.length);
        expect(arrived?.payloads.every((payload, i) => payload.equals(sent[i] as Buffer))).toBe(true);
        if (answering) expect(there.received.texts).toEqual(words(50));
      },
    ),
    { numRuns: 40 },
  );
});

test("a packet that comes again is dropped", async () => {
  const mesh = new TestMesh();
  const sealed: Uint8Array[] = [];
  const { channel, calls, first, second } = await pair(mesh);
  mesh.network.tap = (source, _destination, packet) => {
    if (source === first.nodeId && packet[0] === ChannelPacket.SEALED) sealed.push(packet);
    return packet;
  };
  const { lane } = openCall(channel);
  await mesh.pass(50);
  say(lane, "once");
  await mesh.pass(50);
  for (const packet of sealed) mesh.network.deliver(first.nodeId, second.nodeId, packet);
  await mesh.pass(50);
  expect(calls[0]?.received.texts).toEqual(["once"]);
  expect(channel.ended).toBeUndefined();
});

test("a packet with any bit flipped is dropped, and its frames come all the same", async () => {
  const mesh = new TestMesh();
  const { channel, calls, first } = await pair(mesh);
  const { lane } = openCall(channel);
  await mesh.pass(50);
  let at = 5;
  mesh.network.tap = (source, _destination, packet) => {
    if (source !== first.nodeId || packet[0] !== ChannelPacket.SEALED || at >= SEALED_HEADER_BYTES + 60)
      return packet;
    const damaged = Uint8Array.from(packet);
    damaged[at % damaged.length] = (damaged[at % damaged.length] as number) ^ 1;
    at++;
    return damaged;
  };
  for (const word of words(5)) say(lane, word);
  await mesh.pass(80_000, 10);
  mesh.network.tap = undefined;
  await mesh.pass(20_000, 10);
  expect(at).toBeGreaterThan(SEALED_HEADER_BYTES);
  expect(calls[0]?.received.texts).toEqual(words(5));
});

test("a peer that restarts in the middle of a call ends it with a word that it may be made again", async () => {
  const mesh = new TestMesh();
  const { a, channel, second } = await pair(mesh);
  const { lane, received } = openCall(channel);
  await mesh.pass(100);
  const again = await mesh.node(second);
  const calls = acceptCalls(again);
  say(lane, "anybody there?");
  await mesh.pass(3_000);
  expect(received.error).toMatchObject({
    code: StatusCode.UNAVAILABLE,
    reason: "peer-restarted",
    retryable: true,
  });
  const next = openCall(await mesh.settle(a.channelTo(second.nodeId)));
  say(next.lane, "hello");
  await mesh.pass(100);
  expect(calls[0]?.received.texts).toEqual(["hello"]);
});

test("a caller that only listens hears of its peer's restart when the route comes back", async () => {
  const mesh = new TestMesh();
  const { channel, first, second } = await pair(mesh);
  const { received } = openCall(channel);
  await mesh.pass(100);
  mesh.network.cut(first.nodeId, second.nodeId);
  await mesh.node(second);
  mesh.network.heal(first.nodeId, second.nodeId);
  await mesh.pass(3_000);
  expect(received.error).toMatchObject({ code: StatusCode.UNAVAILABLE, retryable: true });
});

test("when both sides open at once, both keep the same channel", async () => {
  const mesh = new TestMesh();
  const [first, second] = [mesh.identity(), mesh.identity()];
  const a = await mesh.node(first);
  const b = await mesh.node(second);
  const [callsOfA, callsOfB] = [acceptCalls(a), acceptCalls(b)];
  const [here, there] = await mesh.settle(
    Promise.all([a.channelTo(second.nodeId), b.channelTo(first.nodeId)]),
  );
  expect(here.localId).toBe(there.peerId);
  expect(here.initiator).toBe(first.nodeId < second.nodeId);
  expect(there.initiator).toBe(!here.initiator);
  say(openCall(here).lane, "from a");
  say(openCall(there).lane, "from b");
  await mesh.pass(100);
  expect(callsOfB[0]?.received.texts).toEqual(["from a"]);
  expect(callsOfA[0]?.received.texts).toEqual(["from b"]);
  expect([a.unfinished, b.unfinished]).toEqual([0, 0]);
});

test("without a route frames are kept, and callers hear of it", async () => {
  const mesh = new TestMesh();
  const { channel, calls, first, second } = await pair(mesh);
  const { lane } = openCall(channel);
  await mesh.pass(50);
  const states: boolean[] = [];
  channel.onReconnecting((reconnecting) => states.push(reconnecting));
  mesh.network.cut(first.nodeId, second.nodeId);
  say(lane, "kept");
  await mesh.pass(60_000, 10);
  expect(calls[0]?.received.texts).toEqual([]);
  mesh.network.heal(first.nodeId, second.nodeId);
  await mesh.pass(50);
  expect(calls[0]?.received.texts).toEqual(["kept"]);
  expect(states).toEqual([true, false]);
});

test("without a route for longer than the limit, the calls end as unavailable on both sides", async () => {
  const mesh = new TestMesh();
  const { channel, calls, first, second } = await pair(mesh);
  const { received } = openCall(channel);
  await mesh.pass(50);
  mesh.network.cut(first.nodeId, second.nodeId);
  await mesh.pass(120_000, 100);
  expect(received.error).toMatchObject({ code: StatusCode.UNAVAILABLE, reason: "unreachable" });
  expect(calls[0]?.received.error).toMatchObject({ code: StatusCode.UNAVAILABLE, reason: "unreachable" });
});

test("a peer that falls silent ends the calls, though there is a route", async () => {
  const mesh = new TestMesh();
  const { channel, second } = await pair(mesh);
  const { received } = openCall(channel);
  await mesh.pass(50);
  mesh.network.tap = (source, _destination, packet) => (source === second.nodeId ? undefined : packet);
  await mesh.pass(120_000, 100);
  expect(received.error).toMatchObject({ code: StatusCode.UNAVAILABLE, reason: "unreachable" });
});

test("a channel that nobody uses is closed, however often the way to its peer changes", async () => {
  const mesh = new TestMesh();
  const { channel } = await pair(mesh);
  for (let minutes = 0; minutes < 11; minutes++) {
    await mesh.pass(60_000);
    mesh.network.changed();
  }
  expect(channel.ended?.reason).toBe("idle");
});

test("an idle channel is closed on both sides, and leaves nothing behind", async () => {
  const mesh = new TestMesh();
  const { a, b, channel, calls } = await pair(mesh);
  const { lane } = openCall(channel);
  await mesh.pass(50);
  lane.close();
  calls[0]?.lane.close();
  await mesh.pass(11 * 60_000, 1_000);
  expect([...a.channels(), ...b.channels()]).toEqual([]);
  expect(mesh.clock.nextDue()).toBeUndefined();
});

test("a channel whose call only waits is kept alive for hours", async () => {
  const mesh = new TestMesh();
  const { channel, calls } = await pair(mesh);
  openCall(channel);
  await mesh.pass(2 * 60 * 60_000, 1_000);
  expect(channel.ended).toBeUndefined();
  expect(calls[0]?.received.error).toBeUndefined();
});

test("keys are renewed while the channel goes on", async () => {
  const mesh = new TestMesh();
  const { channel, calls, first } = await pair(mesh);
  const epochs = new Set<number>();
  mesh.network.tap = (source, _destination, packet) => {
    if (source === first.nodeId && packet[0] === ChannelPacket.SEALED)
      epochs.add(Buffer.from(packet).readUInt32BE(5));
    return packet;
  };
  const { lane } = openCall(channel);
  for (const word of words(40)) {
    say(lane, word);
    await mesh.pass(60_000, 1_000);
  }
  expect(calls[0]?.received.texts).toEqual(words(40));
  expect([...epochs]).toEqual([0, 1, 2, 3, 4].slice(0, epochs.size));
  expect(epochs.size).toBeGreaterThan(3);
});

test("a node that was revoked loses its channels and gets no others", async () => {
  const mesh = new TestMesh();
  const { a, b, channel, calls, first } = await pair(mesh);
  const { received } = openCall(channel);
  await mesh.pass(50);
  mesh.membership.revoke(first.nodeId);
  await mesh.pass(50);
  expect(calls[0]?.received.error).toMatchObject({ code: StatusCode.PERMISSION_DENIED });
  expect(received.error).toMatchObject({ code: StatusCode.PERMISSION_DENIED, reason: "not-a-member" });
  await expect(mesh.settle(b.channelTo(first.nodeId))).rejects.toMatchObject({ reason: "revoked" });
  expect([...a.channels()]).toEqual([]);
});

test("a node with another mesh secret gets no channel", async () => {
  const mesh = new TestMesh();
  const second = mesh.identity();
  const a = await mesh.node(mesh.identity(), { psk: new Uint8Array(32).fill(9) });
  const b = await mesh.node(second);
  const channel = await mesh.settle(a.channelTo(second.nodeId));
  const { received } = openCall(channel);
  await mesh.pass(30_000, 10);
  expect(received.error).toMatchObject({ code: StatusCode.UNAVAILABLE });
  expect([...b.channels()]).toEqual([]);
});

test("a node cannot speak for another: its hello has to fit the packets' source", async () => {
  const mesh = new TestMesh();
  const [honest, victim, target] = [mesh.identity(), mesh.identity(), mesh.identity()];
  const a = await mesh.node(honest);
  const b = await mesh.node(target);
  mesh.network.join(victim.nodeId);
  const seen: string[] = [];
  b.onChannel(({ peer }) => seen.push(peer));
  mesh.network.tap = (source, destination, packet) => {
    if (source !== honest.nodeId) return packet;
    mesh.network.deliver(victim.nodeId, destination, packet);
    return undefined;
  };
  await expect(mesh.settle(a.channelTo(target.nodeId))).rejects.toMatchObject({ reason: "no-answer" });
  expect(seen).toEqual([]);
});

test("a node that holds the secret cannot take another one's id", async () => {
  const mesh = new TestMesh();
  const [victim, target] = [mesh.identity(), mesh.identity()];
  const impostor: Identity = Object.assign(Object.create(Identity.prototype), mesh.identity(), {
    nodeId: victim.nodeId,
  });
  const a = await mesh.node(impostor);
  const b = await mesh.node(target);
  const channel = await mesh.settle(a.channelTo(target.nodeId));
  const { received } = openCall(channel);
  await mesh.pass(30_000, 10);
  expect([...b.channels()]).toEqual([]);
  expect(received.error).toMatchObject({ code: StatusCode.UNAVAILABLE });
});

test("a single packet that is lost, with nothing behind it, is sent again after the time-out", async () => {
  const mesh = new TestMesh(1, { delayMs: 10 });
  const { channel, calls } = await pair(mesh);
  const { lane } = openCall(channel);
  await mesh.pass(500);
  let lost = 0;
  mesh.network.tap = (_source, _destination, packet) => (lost++ === 0 ? undefined : packet);
  say(lane, "last words");
  await mesh.pass(120);
  expect(calls[0]?.received.texts).toEqual(["last words"]);
});

test("a forged reset ends no call", async () => {
  const mesh = new TestMesh();
  const { channel, calls, first, second } = await pair(mesh);
  const { lane } = openCall(channel);
  await mesh.pass(50);
  // The new channel that it asks for is not answered: the peer did not ask for it.
  mesh.network.tap = (_source, _destination, packet) =>
    packet[0] === ChannelPacket.HANDSHAKE_1 ? undefined : packet;
  const reset = Buffer.alloc(5);
  reset[0] = ChannelPacket.RESET;
  reset.writeUInt32BE(channel.peerId, 1);
  mesh.network.deliver(second.nodeId, first.nodeId, reset);
  await mesh.pass(30_000, 10);
  say(lane, "still here");
  await mesh.pass(50);
  expect(calls[0]?.received.texts).toEqual(["still here"]);
});

test("a backlog of bulk does not hold up a call that somebody waits for", async () => {
  const mesh = new TestMesh(1, { delayMs: 20 });
  const { channel, calls } = await pair(mesh);
  const bulk = openCall(channel, Priority.BULK);
  for (let i = 0; i < 800; i++) say(bulk.lane, Buffer.alloc(30_000));
  await mesh.pass(100);
  const interactive = openCall(channel);
  say(interactive.lane, "now");
  await mesh.pass(25);
  expect(calls[0]?.received.payloads.length).toBeLessThan(800);
  expect(calls[1]?.received.texts).toEqual(["now"]);
});

test("rubbish in every kind of packet does nothing", async () => {
  const mesh = new TestMesh();
  const { channel, calls, first, second, b } = await pair(mesh);
  const { lane } = openCall(channel);
  await mesh.pass(50);
  for (let i = 0; i < 3_000; i++) {
    const rubbish = Buffer.from(mesh.random.bytes(Math.floor(mesh.random.fraction() * 200)));
    if (rubbish.length > 0) rubbish[0] = i % 7;
    if (i % 2 === 0 && rubbish.length >= 5) rubbish.writeUInt32BE(channel.peerId, 1);
    mesh.network.deliver(first.nodeId, second.nodeId, rubbish);
  }
  await mesh.pass(50);
  expect(b.unfinished).toBeLessThanOrEqual(4);
  say(lane, "fine");
  await mesh.pass(50);
  expect(calls[0]?.received.texts).toEqual(["fine"]);
  await mesh.pass(60_000, 100);
  expect(b.unfinished).toBe(0);
});
