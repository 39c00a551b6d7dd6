import { silentLogger, VirtualClock } from "@clawmatrix/environment";
import { DedupClass, Priority } from "@clawmatrix/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CallLanes } from "./call-lanes.ts";
import type { LaneReceiver, OutgoingFrame } from "./frame-conduit.ts";
import { FrameFlag, readFrames } from "./frame-layout.ts";

const ignore: LaneReceiver = { frame: () => undefined, broken: () => undefined };
const options = { logger: silentLogger, clock: new VirtualClock(), onQueued: () => undefined };
const frame = (payload: Uint8Array, header?: Uint8Array): OutgoingFrame => ({
  type: 500,
  flags: DedupClass.CHANNEL_SEQUENCE | (header === undefined ? 0 : FrameFlag.OPEN),
  payload,
  header,
});

/** Packs everything that waits, a segment at a time, and hands it to the other side. */
function carry(from: CallLanes, to: CallLanes, priority = Priority.INTERACTIVE, size = 61_440): number {
  let segments = 0;
  while (from.queuedBytes(priority) > 0) {
    const out = new Uint8Array(size);
    const end = from.pack(priority, out, 0);
    readFrames(out.subarray(0, end), 0, (type, flags, call, bytes, start, stop) =>
      to.deliver(priority, type, flags, call, bytes, start, stop),
    );
    segments++;
  }
  return segments;
}

test("whatever frames calls send, each call's arrive whole and in order", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 33_000 }), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(sizes, { minLength: 1, maxLength: 8 }), (calls) => {
      const here = new CallLanes({ ...options, firstCall: 1 });
      const there = new CallLanes({ ...options, firstCall: 2 });
      const arrived: Uint8Array[][] = [];
      there.accept((_lane, _type, _flags, header, payload) => {
        const frames = [payload];
        arrived[Buffer.from(header).readUInt8(0)] = frames;
        return { frame: (_t, _f, bytes) => void frames.push(bytes), broken: () => undefined };
      });
      const sent = calls.map((lengths, i) => [0, ...lengths].map((length) => new Uint8Array(length).fill(i)));
      const lanes = calls.map(() => here.open(Priority.INTERACTIVE, ignore));
      for (const [i, frames] of sent.entries()) {
        for (const [j, payload] of frames.entries()) {
          lanes[i]?.send(frame(payload, j === 0 ? Uint8Array.of(i) : undefined));
        }
      }
      carry(here, there);
      expect(arrived.map((frames) => frames.map((bytes) => [bytes.length, bytes[0]]))).toEqual(
        sent.map((frames) => frames.map((bytes) => [bytes.length, bytes[0]])),
      );
      expect(here.queuedBytes(Priority.INTERACTIVE)).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test("a call with much to send lets others have their turn", () => {
  const here = new CallLanes({ ...options, firstCall: 1 });
  const [large, small] = [here.open(Priority.INTERACTIVE, ignore), here.open(Priority.INTERACTIVE, ignore)];
  large.send(frame(new Uint8Array(10), Uint8Array.of(1)));
  for (let i = 0; i < 100; i++) large.send(frame(new Uint8Array(10_000)));
  small.send(frame(Uint8Array.of(42), Uint8Array.of(2)));
  const calls: number[] = [];
  const out = new Uint8Array(61_440);
  readFrames(out.subarray(0, here.pack(Priority.INTERACTIVE, out, 0)), 0, (_t, _f, call) => calls.push(call));
  expect(calls).toContain(3);
});

test("what a call has not sent yet is forgotten when it is discarded, and the rest still leaves", () => {
  const here = new CallLanes({ ...options, firstCall: 1 });
  const there = new CallLanes({ ...options, firstCall: 2 });
  const headers: number[] = [];
  there.accept((_lane, _type, _flags, header) => {
    headers.push(header[0] as number);
    return ignore;
  });
  const lanes = [1, 2, 3].map((i) => {
    const lane = here.open(Priority.INTERACTIVE, ignore);
    lane.send(frame(new Uint8Array(100), Uint8Array.of(i)));
    return lane;
  });
  expect(lanes[1]?.discard()).toBe(true);
  lanes[1]?.close();
  carry(here, there);
  expect(headers).toEqual([1, 3]);
  expect(lanes[0]?.discard()).toBe(false);
});

test("frames that come for a call that was given up are dropped and counted", () => {
  const here = new CallLanes({ ...options, firstCall: 1 });
  const there = new CallLanes({ ...options, firstCall: 2 });
  let answer: (payload: Uint8Array) => void = () => undefined;
  there.accept((lane) => {
    answer = (payload) => lane.send(frame(payload));
    return ignore;
  });
  const received: number[] = [];
  const lane = here.open(Priority.INTERACTIVE, {
    ...ignore,
    frame: (_type, _flags, payload) => void received.push(payload.length),
  });
  lane.send(frame(new Uint8Array(1), Uint8Array.of(1)));
  carry(here, there);
  answer(new Uint8Array(5));
  carry(there, here);
  lane.close(true);
  answer(new Uint8Array(6));
  carry(there, here);
  expect(received).toEqual([5]);
  expect(here.counts).toEqual({ lateFrames: 1, strayFrames: 0 });
  expect(here.size).toBe(0);
});

test("a conduit that holds as much as it may refuses more", () => {
  const here = new CallLanes({ ...options, firstCall: 1 });
  const lane = here.open(Priority.BULK, ignore);
  const large = new Uint8Array(32_768);
  expect(() => {
    for (let i = 0; i < 3_000; i++) lane.send(frame(large));
  }).toThrow(/too much waits/);
});
